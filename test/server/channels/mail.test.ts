import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { ExtendedKeyUsage } from '@vedette/certs/x509'
import { Refusal } from '@vedette/shared/errors'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Forged, forge } from '../../support/certs-forge.ts'
import { TestChannels } from '../../support/server-channels.ts'
import { HAND } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'
import { until } from '../../support/until.ts'

type Got = { from: string; to: string[]; text: string; secure: boolean; user: string | undefined }

/** A server of mail that keeps what it gets. */
class PostOffice {
  readonly got: Got[] = []
  readonly #server: SMTPServer
  /** Called before a mail is taken; what it throws is said. */
  judge: () => Promise<void> | void = () => {}

  static async open(options: SMTPServerOptions): Promise<PostOffice> {
    const office = new PostOffice(options)
    office.#server.listen(0, '127.0.0.1')
    await once(office.#server.server, 'listening')
    return office
  }

  private constructor(options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      ...options,
      disableReverseLookup: true,
      onAuth: ({ username, password }, _session, done) =>
        password === 'geheim' ? done(null, { user: username }) : done(new Error('no')),
      onData: async (stream, { envelope, secure, user }, done) => {
        const chunks: Buffer[] = []
        for await (const chunk of stream) chunks.push(chunk as Buffer)
        try {
          await this.judge()
          const { mailFrom, rcptTo } = envelope
          const from = mailFrom === false ? '' : mailFrom.address
          const text = Buffer.concat(chunks).toString()
          this.got.push({ from, to: rcptTo.map(({ address }) => address), text, secure, user })
          done()
        } catch (error) {
          done(error as Error)
        }
      },
    })
    this.#server.on('error', () => {})
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((done) => this.#server.close(() => done()))
  }
}

let channels: TestChannels
let office: PostOffice
let own: Forged

const settings = (more = {}) => ({
  ...{ host: '127.0.0.1', port: office.port, ca: own.certificate, apart: 0 },
  ...{ username: 'vedette', password: 'geheim' },
  ...{ from: 'desk@house.example', to: ['night@house.example', 'duty@house.example'] },
  ...more,
})

beforeEach(async () => {
  channels = await TestChannels.open()
  own = await forge(undefined, {
    subject: 'localhost',
    names: [
      { type: 'ip', value: '127.0.0.1' },
      { type: 'dns', value: 'localhost' },
    ],
    usage: ExtendedKeyUsage.serverAuth,
  })
  office = await PostOffice.open({ key: own.key, cert: own.certificate })
})

afterEach(() => Promise.all([channels, office].map((one) => one[Symbol.asyncDispose]())))

const plain = (text: string) => text.replace(/=\r?\n/g, '').replace(/=3D/g, '=')

describe('people are told by e-mail', () => {
  it('encrypted and signed in, without the name, with a link', async () => {
    await channels.add('mail', settings())
    const { id } = await channels.alert('Anna Example')
    await channels.settled()
    const [mail] = office.got
    expect(mail).toMatchObject({
      ...{ from: 'desk@house.example', secure: true, user: 'vedette' },
      to: ['night@house.example', 'duty@house.example'],
    })
    const text = plain(mail!.text)
    expect(text).toContain('Subject: Alert, priority 3, camera north of gate-7')
    expect(text).toContain('possible match')
    expect(text).toContain(`https://console.example:8443/alerts?id=${id}`)
    expect(text).not.toMatch(/Anna|image\/jpeg/)
  })

  it('in their language, with name and picture where the rules say so', async () => {
    await channels.add('mail', settings(), { language: 'de', names: true, picture: true })
    await channels.alert('Anna\r\nBcc: thief@away.example')
    await channels.settled()
    const [mail] = office.got
    expect(plain(mail!.text)).toContain('Liste wanted')
    expect(mail!.text).toMatch(/Anna|image\/jpeg/)
    expect(mail!.text.split('\r\n\r\n')[0]).not.toMatch(/thief/)
    expect(mail!.to).toEqual(['night@house.example', 'duty@house.example'])
  })

  it('once about many that come while one is on its way', async () => {
    await channels.add('mail', settings())
    let open = () => {}
    const held = new Promise<void>((resolve) => {
      open = resolve
    })
    let asked = 0
    office.judge = () => {
      asked++
      return held
    }
    await channels.alert('Anna')
    await until(() => asked === 1)
    for (const name of ['Bert', 'Carl', 'Dora']) await channels.alert(name)
    await until(async () => (await channels.notices()).length === 4)
    open()
    await channels.settled()
    expect(office.got).toHaveLength(2)
    expect(office.got[1]!.text).toContain('Subject: Vedette: 3 messages')
  })

  it('again where it was refused for the moment, and not where it was for good', async () => {
    const { id } = await channels.add('mail', settings())
    const codes = [451, 550]
    office.judge = () => {
      const responseCode = codes.shift()
      if (responseCode !== undefined) throw Object.assign(new Error('no'), { responseCode })
    }
    await channels.alert()
    await channels.settled()
    expect(await channels.notices(id)).toMatchObject([
      { state: 'dead', code: 'smtp.550', attempts: 2 },
    ])
    await channels.all.revive(id, undefined, HAND)
    await channels.settled()
    expect(office.got).toHaveLength(1)
  })
})

describe('a server of mail', () => {
  it('that does not encrypt, or is somebody else, is told nothing and no password', async () => {
    await using bare = await PostOffice.open({ hideSTARTTLS: true, authOptional: true })
    const { id } = await channels.add('mail', settings({ port: bare.port }))
    expect(await channels.all.test(id, 'anna')).toMatchObject({ done: 'retry' })
    const { id: other } = await channels.add('mail', settings({ ca: null }))
    expect(await channels.all.test(other, 'anna')).toMatchObject({ done: 'retry' })
    expect([bare.got, office.got]).toEqual([[], []])
  })

  it('that never says a word keeps nobody from stopping', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const called = once(silent, 'connection')
    await channels.add('mail', settings({ port: (silent.address() as AddressInfo).port }))
    await channels.alert()
    const [socket] = (await called) as [Socket]
    await channels.stop()
    expect(await channels.notices()).toMatchObject([{ state: 'waiting', attempts: 0 }])
    socket.destroy()
    silent.close()
  })

  it('elsewhere is not spoken to in the open', async () => {
    const open = { ...settings(), host: 'mail.example', security: 'none' }
    const fault = await rejectionOf(channels.add('mail', open), Refusal)
    expect(fault.code).toBe('channel.invalid')
  })

  it('that is another one now gets the password only where it is said again', async () => {
    const { id } = await channels.add('mail', settings())
    const moved = { settings: { host: 'localhost' } }
    const fault = await rejectionOf(channels.all.change(id, moved, HAND), Refusal)
    expect(fault.code).toBe('channel.invalid')
    expect((await channels.all.get(id)).settings).toMatchObject({ host: '127.0.0.1' })
    await channels.all.change(id, { settings: { ...moved.settings, password: 'geheim' } }, HAND)
    const after = await channels.all.get(id)
    expect(after.settings).toMatchObject({ host: 'localhost', hasPassword: true })
    expect(JSON.stringify(after)).not.toContain('geheim')
  })
})
