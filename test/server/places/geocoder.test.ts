import { writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { Geocoder } from '@vedette/server/places/geocoder'
import { systemClock } from '@vedette/shared/clock'
import { ConfigFault, Refusal, Unavailable } from '@vedette/shared/errors'
import { SOFTWARE } from '@vedette/shared/software'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { MapServer } from '../../support/server-map.ts'
import { rejectionOf } from '../../support/thrown.ts'

const { signal } = new AbortController()

function asking(server: string, clock = systemClock): Geocoder {
  return Geocoder.of({ provider: 'openstreetmap', server }, clock)!
}

describe('a geocoder', () => {
  it('is none where it is off', () => {
    expect(Geocoder.of({ provider: 'off', server: 'http://127.0.0.1:1' }, systemClock)).toBe(
      undefined,
    )
  })

  it('asks for an address, and says who asks', async () => {
    await using map = await MapServer.start()
    expect(await asking(map.url).find('Bahnhofplatz 1, Zürich & more', signal)).toEqual({
      latitude: 47.37793,
      longitude: 8.54023,
      provider: 'openstreetmap',
    })
    expect(map.asked).toHaveLength(1)
    expect(map.asked[0]).toMatchObject({
      query: 'Bahnhofplatz 1, Zürich & more',
      agent: expect.stringContaining(`Vedette/${SOFTWARE}`),
    })
  })

  it('asks one question after the other, a second apart', async () => {
    await using map = await MapServer.start()
    const clock = new ManualClock()
    const geocoder = asking(map.url, clock)
    const [first, second] = ['Bahnhofplatz 1', 'Marktgasse 7'].map((address) =>
      geocoder.find(address, signal),
    )
    await first
    expect(await clock.sleeping()).toBe(1000)
    expect(map.asked).toHaveLength(1)
    clock.advance(1000)
    expect(await second).toMatchObject({ latitude: 46.94809 })
  })

  it('says that an address is not known', async () => {
    await using map = await MapServer.start()
    const fault = await rejectionOf(asking(map.url).find('Nowhere 99', signal), Refusal)
    expect(fault.code).toBe('geocode.not-found')
    expect(fault.hint).toContain('latitude')
  })

  const answers: [string, RequestListener][] = [
    ['an error', (_request, response) => response.writeHead(500).end('[]')],
    ['no JSON', (_request, response) => response.end('<html>')],
    ['a page without end', (_request, response) => response.end('['.repeat(2 ** 20))],
    ['nothing', (request) => request.socket.destroy()],
    [
      'a way to somebody else',
      (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    ],
  ]
  it.each(answers)('says that nobody can be asked who answers %s', async (_what, answer) => {
    await using map = await MapServer.start(answer)
    const fault = await rejectionOf(asking(map.url).find('Bahnhofplatz 1', signal), Unavailable)
    expect(fault.code).toBe('geocode.unreachable')
    expect(fault.hint).toContain('--lat')
    expect(map.asked).toHaveLength(1)
  })

  it.each([
    ['latitude 91', [{ lat: '91', lon: '8' }]],
    ['longitude NaN', [{ lat: '47', lon: 'east' }]],
    ['no numbers', [{}]],
  ])('does not believe %s', async (_what, answer) => {
    await using map = await MapServer.start((_request, response) =>
      response.end(JSON.stringify(answer)),
    )
    await rejectionOf(asking(map.url).find('Bahnhofplatz 1', signal), Refusal)
  })

  it('stops asking at the signal', async () => {
    await using map = await MapServer.start(() => {})
    const stop = new AbortController()
    const asked = asking(map.url).find('Bahnhofplatz 1', stop.signal)
    setTimeout(() => stop.abort(), 50)
    expect((await rejectionOf(asked, Unavailable)).code).toBe('geocode.unreachable')
  })

  it.each([
    ['google', 'maps.googleapis.com'],
    ['locationiq', 'us1.locationiq.com'],
    ['mapbox', 'api.mapbox.com'],
    ['opencage', 'api.opencagedata.com'],
  ] as const)(
    'asks %s with the key from a file, and says what is missing without',
    async (provider, host) => {
      await using folder = await TemporaryFolder.make()
      const keyFile = join(folder.path, 'key')
      await writeFile(keyFile, 'the-key\n')
      const urls: URL[] = []
      const fetch = async (url: string | URL | Request) => {
        urls.push(new URL(String(url)))
        return new Response('{}')
      }
      const geocoder = Geocoder.of({ provider, keyFile }, systemClock, fetch)!
      await geocoder.find('Bahnhofplatz 1', signal).catch(() => {})
      expect(urls.map((url) => url.hostname)).toEqual([host])
      expect(urls[0]!.href).toContain('the-key')
      const keyless = Geocoder.of({ provider }, systemClock, fetch)!
      expect(await rejectionOf(keyless.find('x', signal), ConfigFault)).toMatchObject({
        code: 'config.missing',
        hint: expect.stringContaining('keyFile'),
      })
      expect(urls).toHaveLength(1)
    },
  )
})
