import type { Entry } from '@vedette/server/store/entries'
import { useWords } from '../../words.ts'
import { day } from './format.ts'
import { Photo } from './Photo.tsx'

type SideBySideProps = { entries: readonly { heading: string; entry: Entry }[] }

const ROWS = ['list', 'reason', 'legalBasis', 'authority', 'caseNumber', 'note'] as const

/** Entries beside one another: their photographs, and what is said of each. */
export function SideBySide({ entries }: SideBySideProps) {
  const t = useWords('wanted')
  return (
    <div class="scroll-x">
      <table class="wanted-beside">
        <thead>
          <tr>
            <td />
            {entries.map(({ heading, entry }) => (
              <th key={entry.id} scope="col">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{t('entry.photos')}</th>
            {entries.map(({ entry }) => (
              <td key={entry.id}>
                <div class="faces">
                  {Array.from({ length: entry.photos }, (_, i) => (
                    <Photo
                      key={i + 1}
                      entry={entry.id}
                      photo={i + 1}
                      alt={t('photo.of', { photo: i + 1 })}
                      size={96}
                    />
                  ))}
                </div>
              </td>
            ))}
          </tr>
          <tr>
            <th scope="row">{t('details.name')}</th>
            {entries.map(({ entry }) => (
              <td key={entry.id}>
                <a href={`/wanted/${entry.id}`}>{entry.name}</a>
                {entry.aliases.length > 0 && (
                  <span class="small quiet"> ({entry.aliases.join(', ')})</span>
                )}
              </td>
            ))}
          </tr>
          {ROWS.filter((row) => entries.some(({ entry }) => entry[row] !== '')).map((row) => (
            <tr key={row}>
              <th scope="row">{row === 'list' ? t('people.list') : t(`details.${row}`)}</th>
              {entries.map(({ entry }) => (
                <td key={entry.id}>{entry[row]}</td>
              ))}
            </tr>
          ))}
          <tr>
            <th scope="row">{t('details.expires')}</th>
            {entries.map(({ entry }) => (
              <td key={entry.id}>{day(entry.expiresAt)}</td>
            ))}
          </tr>
        </tbody>
      </table>
    </div>
  )
}
