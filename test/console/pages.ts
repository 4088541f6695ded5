/** Every page of the console that the tests walk through: its address, and what shows that it is there. */
export const PAGES: readonly { name: string; path: string; shows: string }[] = [
  { name: 'start', path: '/start', shows: 'h1' },
]
