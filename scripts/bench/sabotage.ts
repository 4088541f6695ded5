import process from 'node:process'
import { Models } from '@vedette/models/models'
import { Gallery } from '@vedette/server/gallery/gallery'

/*
 * Loaded into one of the programs before it starts (node --import): from SIGUSR2 on its detector throws,
 * and its gallery never answers. The program knows nothing of it.
 */
process.on('SIGUSR2', () => {
  Models.prototype.detect = () => Promise.reject(new TypeError('sabotaged'))
  Gallery.prototype.search = () => new Promise(() => {})
})
