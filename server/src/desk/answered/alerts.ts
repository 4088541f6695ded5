import type { Incident } from '../../store/incidents.ts'
import type { NamedAlert } from '../named.ts'

export type NamedIncident = Omit<Incident, 'alerts'> & {
  name: string | undefined
  alerts: NamedAlert[]
}
