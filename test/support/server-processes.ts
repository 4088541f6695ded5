import { readdirSync, readFileSync } from 'node:fs'

/** How far each thread of a process stands behind others. Source: proc_pid_stat(5), nice. */
export function nicenessOf(pid: number | undefined): number[] {
  return readdirSync(`/proc/${pid}/task`).map((task) => {
    const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
  })
}
