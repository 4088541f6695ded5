import { threadModule } from '@vedette/server/thread'
import { describe, expect, it } from 'vitest'

describe('threadModule', () => {
  it.each([
    [
      'beside a compiled module',
      'file:///opt/vedette/server/dist/gallery/gallery.js',
      'file:///opt/vedette/server/dist/gallery/search-thread.js',
    ],
    [
      'in dist for a source',
      'file:///opt/vedette/server/src/gallery/gallery.ts',
      'file:///opt/vedette/server/dist/gallery/search-thread.js',
    ],
    [
      'beside a compiled module below a folder called src',
      'file:///usr/src/vedette/server/dist/gallery/gallery.js',
      'file:///usr/src/vedette/server/dist/gallery/search-thread.js',
    ],
    [
      'in dist for a source below a folder called src',
      'file:///usr/src/vedette/server/src/gallery/gallery.ts',
      'file:///usr/src/vedette/server/dist/gallery/search-thread.js',
    ],
  ])('finds a thread %s', (_where, here, expected) => {
    expect(threadModule('search-thread', here).href).toBe(expected)
  })
})
