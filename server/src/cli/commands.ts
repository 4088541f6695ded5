import type { Command } from 'commander'

type Load = () => Promise<Command>

/** The commands by what they are about; a module is read when its command is wanted. */
const GROUPS: Record<string, Record<string, Load>> = {
  'Who is looked for:': {
    lists: async () => (await import('./commands/lists.ts')).listsCommand(),
    enroll: async () => (await import('./commands/enroll.ts')).enrollCommand(),
    import: async () => (await import('./commands/import.ts')).importCommand(),
    entries: async () => (await import('./commands/entries.ts')).entriesCommand(),
  },
  'What was found:': {
    alerts: async () => (await import('./commands/alerts.ts')).alertsCommand(),
    incidents: async () => (await import('./commands/incidents.ts')).incidentsCommand(),
    channels: async () => (await import('./commands/channels.ts')).channelsCommand(),
    rejections: async () => (await import('./commands/rejections.ts')).rejectionsCommand(),
    search: async () => (await import('./commands/search.ts')).searchCommand(),
    past: async () => (await import('./commands/search.ts')).pastCommand(),
    thresholds: async () => (await import('./commands/thresholds.ts')).thresholdsCommand(),
  },
  'Whether it can be relied upon:': {
    status: async () => (await import('./commands/status.ts')).statusCommand(),
    cameras: async () => (await import('./commands/cameras.ts')).camerasCommand(),
    plans: async () => (await import('./commands/plans.ts')).plansCommand(),
    doctor: async () => (await import('./commands/doctor.ts')).doctorCommand(),
    evaluate: async () => (await import('./commands/evaluate.ts')).evaluateCommand(),
    models: async () => (await import('./commands/models.ts')).modelsCommand(),
  },
  'What was done, and by whom:': {
    audit: async () => (await import('./commands/audit.ts')).auditCommand(),
    report: async () => (await import('./commands/report.ts')).reportCommand(),
    verify: async () => (await import('./commands/verify.ts')).verifyCommand(),
    users: async () => (await import('./commands/users.ts')).usersCommand(),
  },
  'Machines, certificates, data:': {
    init: async () => (await import('./commands/init.ts')).initCommand(),
    agents: async () => (await import('./commands/agents.ts')).agentsCommand(),
    certs: async () => (await import('./commands/certs.ts')).certsCommand(),
    api: async () => (await import('./commands/api.ts')).apiCommand(),
    db: async () => (await import('./commands/db.ts')).dbCommand(),
  },
}

/** What asks for the version alone, where no command is named. */
const VERSION: ReadonlySet<string> = new Set(['--version', '-V'])

/** The commands that `words` may mean: those among them, or all where none is and they are asked for. */
export async function commandsFor(words: readonly string[]): Promise<Command[]> {
  const all = Object.entries(GROUPS).flatMap(([group, loads]) =>
    Object.entries(loads).map(([name, load]) => ({ group, name, load })),
  )
  const named = all.filter(({ name }) => words.includes(name))
  if (named.length === 0 && words.some((word) => VERSION.has(word))) return []
  const wanted = named.length > 0 ? named : all
  return Promise.all(wanted.map(async ({ group, load }) => (await load()).helpGroup(group)))
}
