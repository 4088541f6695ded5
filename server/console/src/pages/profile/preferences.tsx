import { Field } from '../../parts/Field.tsx'
import { SelectField } from '../../parts/SelectField.tsx'
import { THEMES, theme } from '../../theme.ts'
import { chooseLanguage, LANGUAGES, type Language, language, useWords } from '../../words.ts'

/** How the console looks and speaks in this browser. */
export function Preferences() {
  const t = useWords('profile')
  return (
    <section class="card stack">
      <h2>{t('here.title')}</h2>
      <Field label={t('here.language')}>
        {(tied) => (
          <select
            {...tied}
            value={language.value}
            onChange={(event) => void chooseLanguage(event.currentTarget.value as Language)}
          >
            {Object.entries(LANGUAGES).map(([key, word]) => (
              <option key={key} value={key} lang={key}>
                {word}
              </option>
            ))}
          </select>
        )}
      </Field>
      <SelectField
        label={t('here.theme')}
        field={theme}
        options={THEMES.map((one) => [one, t(`here.themes.${one}`)])}
      />
      <p class="small quiet">{t('here.kept')}</p>
    </section>
  )
}
