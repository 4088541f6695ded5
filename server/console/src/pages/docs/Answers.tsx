import { useWords } from '../../words.ts'
import { Fields } from './Fields.tsx'
import type { Route } from './routes.ts'
import { fieldsOf, nameOf, namesIn, type Schemas, type Shape, saidOf } from './shapes.ts'

/** What a route answers, by status, and below it what that speaks of by name. */
export function Answers({ route: { responses, schemas } }: { route: Route }) {
  const t = useWords('docs')
  const good = Object.entries(responses).flatMap(([status, answer]) =>
    '$ref' in answer ? [] : [{ status, content: Object.entries(answer.content ?? {}) }],
  )
  const shapes = good.flatMap(({ content }) =>
    content.flatMap(([, { schema }]) => (schema ? [schema as Shape] : [])),
  )
  const shown = new Set(shapes.map((shape) => nameOf(shape.items ?? shape)))
  const spoken = [...new Set(shapes.flatMap((shape) => namesIn(shape, schemas)))]
  return (
    <>
      {good.map(({ status, content }) =>
        content.length === 0 ? (
          <p key={status} class="small quiet">
            {t('empty', { status })}
          </p>
        ) : (
          content.map(([type, { schema = {} }]) => (
            <Answer key={status} {...{ status, type, schemas }} shape={schema as Shape} />
          ))
        ),
      )}
      {spoken
        .filter((name) => !shown.has(name))
        .map((name) => (
          <details key={name} class="spoken">
            <summary>
              <code>{name}</code>
            </summary>
            <Fields caption={name} rows={fieldsOf(schemas[name] ?? {})} answered />
          </details>
        ))}
    </>
  )
}

type AnswerProps = { status: string; type: string; shape: Shape; schemas: Schemas }

function Answer({ status, type, shape, schemas }: AnswerProps) {
  const t = useWords('docs')
  const one = shape.items ?? shape
  const name = nameOf(one)
  const rows = fieldsOf(name === undefined ? one : (schemas[name] ?? {}))
  // Of a picture or a stream there is no more to say.
  const said = Object.keys(shape).length === 0 ? '' : saidOf(shape)
  const caption = [t('answer', { status, type }), name || rows.length === 0 ? said : listed(shape)]
  return <Fields caption={caption.filter(Boolean).join(', ')} rows={rows} answered />
}

function listed({ items }: Shape): string {
  return items ? '[ ]' : ''
}
