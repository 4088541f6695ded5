import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { readTable } from '@vedette/server/cli/import/table'
import { readServerConfig } from '@vedette/server/config'
import { Server } from '@vedette/server/server'
import type { Entry } from '@vedette/server/store/entries'
import { Refusal } from '@vedette/shared/errors'
import { silentLog } from '@vedette/shared/log'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { PASSPHRASE, TemporaryFolder } from '../../support/certs-deployment.ts'
import { run } from '../../support/server-cli.ts'
import { jpegOf, landscape, oneFace } from '../../support/server-photos.ts'
import { rejectionOf } from '../../support/thrown.ts'

const folder = await TemporaryFolder.make()

afterAll(() => folder[Symbol.asyncDispose]())

describe('a table of people', () => {
  const file = join(folder.path, 'people.csv')

  it('is read with a byte order mark, semicolons, quotes and several photographs', async () => {
    const text = [
      'Name;Aliases;Photos;Legal basis;Case number;Expires;Shoe size',
      '"Doe; Jane";"Jenny|""J"" D";a.jpg | b/c.png;§ 163 StPO;4711;30d;38',
      'Müller;;d.webp;;;;',
    ]
    await writeFile(file, `\ufeff${text.join('\r\n')}\r\n`)
    expect(await readTable(file)).toEqual([
      {
        at: 'line 2',
        name: 'Doe; Jane',
        aliases: ['Jenny', '"J" D'],
        photos: [join(folder.path, 'a.jpg'), join(folder.path, 'b/c.png')],
        legalBasis: '§ 163 StPO',
        caseNumber: '4711',
        expires: '30d',
      },
      { at: 'line 3', name: 'Müller', photos: [join(folder.path, 'd.webp')] },
    ])
  })

  it.each([
    ['without its columns', 'who,picture\nAnna,a.jpg\n'],
    ['with a quote that does not end', 'name,photo\n"Anna,a.jpg\n'],
    ['with more fields than columns', 'name,photo\nAnna,a.jpg,b,c\n'],
  ])('is refused %s', async (_what, text) => {
    await writeFile(file, text)
    const error = await rejectionOf(readTable(file), Refusal)
    expect(error).toMatchObject({ code: 'import.unreadable', hint: expect.any(String) })
  })
})

/** Programs are started one after the other. */
const SLOW = 90_000

describe('vedette import', { timeout: SLOW }, () => {
  const home = join(folder.path, 'home')
  const people = join(folder.path, 'people')
  const journal = join(folder.path, '.people.vedette-import')
  let server: Server

  const vedette = (...args: string[]) => run(['--home', home, '--json', ...args], {})
  const asked = () => vedette('--reason', 'order 4711', 'import', people)
  const entries = async () => JSON.parse((await vedette('entries', 'list')).out) as Entry[]

  beforeAll(async () => {
    const env = { VEDETTE_PASSPHRASE: PASSPHRASE }
    await run(['--home', home, 'init', '--operator', 'anna', '--gate-port', '0'], { env })
    const yaml = await readFile(join(home, 'server.yaml'), 'utf8')
    await writeFile(join(home, 'server.yaml'), `${yaml}\nenrolment:\n  bulkApproval: off\n`)
    await mkdir(join(people, 'Berta_Example'), { recursive: true })
    const [second, third] = await Promise.all([2, 3].map((n) => oneFace(n as 2 | 3).then(jpegOf)))
    await writeFile(join(people, 'Anna.jpg'), third!)
    await writeFile(join(people, 'Berta_Example', '1.jpg'), second!)
    await writeFile(join(people, 'Berta_Example', '2.jpg'), second!)
    await writeFile(join(people, 'Twin.jpg'), third!)
    await writeFile(join(people, 'hill.jpg'), await landscape())
    await writeFile(join(people, 'notes.txt'), 'not a photograph')
  })

  beforeEach(async () => {
    const config = await readServerConfig(home)
    await rm(config.data, { recursive: true, force: true })
    await rm(journal, { force: true })
    const desk = { ...config.desk, port: 0 }
    server = await Server.start({ ...config, desk }, { log: silentLog })
    const yaml = await readFile(join(home, 'server.yaml'), 'utf8')
    const port = `port: ${server.deskPort} # desk`
    const said = yaml.replace(/port: (7444|\d+ # desk)/, port)
    await writeFile(join(home, 'server.yaml'), said)
    return () => server[Symbol.asyncDispose]()
  })

  it('enrols who is fit, once, says of each what became of it, and is the same done again', async () => {
    const first = await asked()
    expect(first.err).toContain('not a photograph: notes.txt')
    const done = JSON.parse(first.out)
    expect(done).toMatchObject({ people: 4, enrolled: 2, refused: 2, failed: 0 })
    const states = done.rows.map(({ at, state, code }: Record<string, string>) => [at, state, code])
    expect(states).toContainEqual(['hill.jpg', 'refused', 'photo.no-face'])
    expect(states).toContainEqual(['Berta_Example', 'enrolled', null])
    // Two photographs of one person at once: one of them is the person, the other a duplicate.
    const twins = states.filter(([at]: string[]) => at === 'Anna.jpg' || at === 'Twin.jpg')
    expect(twins.map(([, state, code]: string[]) => code ?? state).sort()).toEqual([
      'enrolled',
      'entry.duplicate',
    ])
    expect(first.status).toBe(7)
    const enrolled = await entries()
    expect(enrolled.map(({ photos }) => photos).sort()).toEqual([1, 2])
    expect(enrolled.map(({ name }) => name)).toContain('Berta Example')

    expect(JSON.parse((await asked()).out)).toMatchObject({ enrolled: 2, refused: 2 })
    expect(await entries()).toEqual(enrolled)
    // Without the journal the server itself knows what it was asked before.
    await rm(journal)
    expect(JSON.parse((await asked()).out)).toMatchObject({ enrolled: 2, refused: 2 })
    expect(await entries()).toEqual(enrolled)
  })

  it('goes on after it was killed: nobody twice, nobody lost', async () => {
    const bin = join(process.cwd(), 'node_modules/.bin/vedette')
    const child = spawn(bin, ['--home', home, '--reason', 'x', 'import', people], {
      stdio: 'ignore',
    })
    const gone = once(child, 'exit')
    for (;;) {
      const text = await readFile(journal, 'utf8').catch(() => '')
      if (text.includes('outcome')) break
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    child.kill('SIGKILL')
    await gone
    expect(JSON.parse((await asked()).out)).toMatchObject({ enrolled: 2, refused: 2, failed: 0 })
    expect(await entries()).toHaveLength(2)
  })

  it('only looks when it is told to, and saves what it found', async () => {
    const report = join(folder.path, 'report.csv')
    const tried = await vedette('import', people, '--dry-run', '--report', report)
    expect(JSON.parse(tried.out)).toMatchObject({ good: 3, refused: 1, enrolled: 0 })
    const lines = (await readFile(report, 'utf8')).trim().split('\r\n')
    expect(lines).toHaveLength(5)
    expect(lines[0]).toBe('at,name,state,entry,code,photos,words')
    expect(await entries()).toEqual([])
    expect(await readFile(journal, 'utf8').catch(() => '')).toBe('')
  })

  it('asks for a reason, and for leave', async () => {
    const unsaid = await vedette('import', people)
    expect(unsaid).toMatchObject({ status: 7, err: expect.stringContaining('--reason') })
    expect(await entries()).toEqual([])
  })
})
