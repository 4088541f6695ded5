import { Scroll } from '../../parts/Scroll.tsx'
import { useWords } from '../../words.ts'
import { type Shape, saidOf } from './shapes.ts'

export type FieldRow = { name: string; place?: string; required: boolean; shape: Shape }

type FieldsProps = { caption: string; rows: readonly FieldRow[]; answered?: boolean }

/** Names, what may stand there, and whether it must; of what is `answered`, whether it always does. */
export function Fields({ caption, rows, answered = false }: FieldsProps) {
  const t = useWords('docs')
  const wanted = (required: boolean, shape: Shape) => {
    if (required) return t('must')
    return shape.default === undefined ? '' : JSON.stringify(shape.default)
  }
  if (rows.length === 0) return <p class="small quiet">{caption}</p>
  return (
    <Scroll label={caption}>
      <table class="fields">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{t('name')}</th>
            <th scope="col">{t('may')}</th>
            <th scope="col">{t(answered ? 'there' : 'unsaid')}</th>
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
                {answered ? t(required ? 'always' : 'sometimes') : wanted(required, shape)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
