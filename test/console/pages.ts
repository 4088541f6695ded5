/** Every page of the console that the tests walk through: its address, and what shows that it is there. */
export const PAGES: readonly { name: string; path: string; shows: string }[] = [
  {
    name: 'live',
    path: '/live?cameras=gate-7/north,hall/escalator,gate-7/south&tiles=4',
    shows: '.tile[data-state=live] .face',
  },
  { name: 'people', path: '/people', shows: 'tbody tr' },
  { name: 'profile', path: '/profile', shows: '.sessions tbody tr' },
  { name: 'start', path: '/start', shows: 'h1' },
  { name: 'wanted', path: '/wanted', shows: '.wanted-cards img' },
  { name: 'wanted-add', path: '/wanted/add', shows: '.wanted-drop' },
  { name: 'wanted-lists', path: '/wanted/lists', shows: '.wanted-lists li' },
  { name: 'history', path: '/history', shows: '.sightings li' },
  { name: 'history-search', path: '/history/search', shows: '.picked' },
  { name: 'figures', path: '/figures?from=7d', shows: '.camera-budget' },
  { name: 'record', path: '/record', shows: '.acts td' },
  { name: 'record-whole', path: '/record/whole', shows: '.hash' },
  { name: 'docs', path: '/docs', shows: '.operation' },
  { name: 'alerts', path: '/alerts', shows: '.alert-row' },
  { name: 'wall', path: '/wall', shows: '.wall li' },
]
