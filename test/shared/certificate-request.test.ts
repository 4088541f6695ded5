import { createPrivateKey, createPublicKey, KeyObject } from 'node:crypto'
import { requestedKey } from '@vedette/certs/request'
import { newRequest } from '@vedette/shared/certificate-request'
import { describe, expect, it } from 'vitest'

describe('a certificate request', () => {
  it('is for the key that came with it, and signed by it', async () => {
    const { request, key } = await newRequest()
    const asked = KeyObject.from(await requestedKey(request))
    const own = createPublicKey(createPrivateKey(key))
    expect(asked.equals(own)).toBe(true)
  })

  it('never has a key that another had', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, newRequest))
    expect(new Set(made.map(({ key }) => key)).size).toBe(20)
  })

  it('fits the message that carries it', async () => {
    expect((await newRequest()).request.length).toBeLessThanOrEqual(1024)
  })

  it('names nobody', async () => {
    const { Pkcs10CertificateRequest } = await import('@vedette/certs/x509')
    const parsed = new Pkcs10CertificateRequest((await newRequest()).request)
    expect([parsed.subject, parsed.attributes]).toEqual(['', []])
  })
})
