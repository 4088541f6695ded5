import { useWords } from '../../words.ts'

/** What a kind of act is called here; one that this console does not know, as the desk calls it. */
export function useKindWords(kinds: Readonly<Record<string, { words: string }>> | undefined) {
  const t = useWords('record')
  return (kind: string): string =>
    t(`kind.${kind}` as 'kind.entry.viewed', { defaultValue: kinds?.[kind]?.words ?? kind })
}
