import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { SOFTWARE } from './software.ts'

/** Where a program's figures are kept until somebody scrapes them. */
export type Metrics = Registry

/** A registry with the process's own figures and `vedette_build_info`. */
export function createMetrics(program: 'server' | 'agent'): Metrics {
  const metrics = new Registry()
  collectDefaultMetrics({ register: metrics, prefix: 'vedette_' })
  new Gauge({
    name: 'vedette_build_info',
    help: 'Which software this is; always 1.',
    labelNames: ['program', 'software'],
    registers: [metrics],
  }).set({ program, software: SOFTWARE }, 1)
  return metrics
}
