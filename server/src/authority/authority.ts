import { Office } from '@vedette/certs/office'
import type { Metrics } from '@vedette/shared/metrics'
import { Certificates, type CertificatesOptions } from './certificates.ts'
import { RevocationLists } from './lists.ts'
import { Registrar } from './registrar.ts'

/** Who signs, what the server shows of it, and who gives certificates and takes them back. */
export type Authority = {
  office: Office
  certificates: Certificates
  registrar: Registrar
  /** Takes in what another process changed there; resolves when it is in force. */
  takeIn: () => Promise<void>
}

export type AuthorityOptions = Omit<CertificatesOptions, 'office' | 'lists'> & { metrics: Metrics }

export async function openAuthority({ metrics, ...options }: AuthorityOptions): Promise<Authority> {
  const { home, life, clock, log } = options
  const office = await Office.open(home, clock)
  const lists = new RevocationLists({ office, clock, log, metrics })
  const certificates = await Certificates.open({ ...options, office, lists })
  const takeIn = () => certificates.refresh()
  const registrar = new Registrar({ office, refresh: takeIn, life, clock, log })
  return { office, certificates, registrar, takeIn }
}
