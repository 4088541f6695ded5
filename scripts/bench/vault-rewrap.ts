import { writeSync } from 'node:fs'
import process from 'node:process'
import { Store } from '@vedette/server/store/store'

/** Wraps the keys of a store anew, saying each slice, until it is done or killed. */
const [file = '', keyFile = ''] = process.argv.slice(2)
await using store = await Store.open({ file, keyFile })
for await (const keys of store.rewrapping.run()) {
  if (keys > 0) writeSync(1, `${keys}\n`)
}
writeSync(1, 'done\n')
