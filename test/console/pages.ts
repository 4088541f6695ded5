/** Every page of the console that the tests walk through: its address, and what shows that it is there. */
export const PAGES: readonly { name: string; path: string; shows: string }[] = [
  { name: 'people', path: '/people', shows: 'tbody tr' },
  { name: 'profile', path: '/profile', shows: '.sessions tbody tr' },
  { name: 'start', path: '/start', shows: 'h1' },
]
