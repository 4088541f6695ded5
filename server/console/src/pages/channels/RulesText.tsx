import type { Rules } from '@vedette/server/channels/channel'
import { hoursWords } from '../../hours.ts'
import { useWords } from '../../words.ts'

/** What a channel is told, in a few words. */
export function RulesText({ rules }: { rules: Rules }) {
  const t = useWords('channels')
  const { lists, priority, cameras, confirmed, names, picture, quiet, kinds } = rules
  const said = [
    lists === null ? t('rules.allLists') : t('rules.lists', { lists: lists.join(', ') }),
    ...(priority < 5 ? [t('rules.priorityTo', { priority })] : []),
    ...(cameras === null ? [] : [cameras.join(', ')]),
    ...(confirmed ? [t('rules.confirmed')] : []),
    ...(kinds.includes('camera') || kinds.includes('canary') ? [t('rules.camerasToo')] : []),
    ...(quiet === null ? [] : [t('rules.quietAt', { hours: hoursWords(quiet) })]),
    t(names ? 'rules.withNames' : 'rules.noNames'),
    ...(picture ? [t('rules.withPicture')] : []),
  ]
  return <>{said.join(' · ')}</>
}
