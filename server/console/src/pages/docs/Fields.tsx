import { Scroll } from '../../parts/Scroll.tsx'
import { useWords } from '../../words.ts'
import { type Shape, saidOf } from './shapes.ts'

export type FieldRow = { name: string; place?: string; required: boolean; shape: Shape }

/** Names, what may stand there, and whether it must. */
export function Fields({ caption, rows }: { caption: string; rows: readonly FieldRow[] }) {
  const t = useWords('docs')
  if (rows.length === 0) return <p class="small quiet">{caption}</p>
  return (
    <Scroll label={caption}>
      <table class="fields">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{t('name')}</th>
            <th scope="col">{t('may')}</th>
            <th scope="col">{t('unsaid')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, place, required, shape }) => (
            <tr key={name}>
              <td>
                <code>{name}</code> {place && <span class="small quiet">{place}</span>}
              </td>
              <td>
                <code>{saidOf(shape)}</code>
                {shape.description && <div class="small quiet">{shape.description}</div>}
              </td>
              <td class="small">
                {required
                  ? t('must')
                  : shape.default === undefined
                    ? ''
                    : JSON.stringify(shape.default)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
