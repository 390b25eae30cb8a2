/** Mantine wears the tokens: one primary colour, our font, our radii. No palette beyond tokens.css. */
import { createTheme, PasswordInput, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

const act: MantineColorsTuple = ['var(--act-soft)', 'var(--act-soft)', 'var(--act-line)', 'var(--act-line)', 'var(--act)', 'var(--act)', 'var(--act)', 'var(--act-down)', 'var(--act-down)', 'var(--act-down)']

export const theme = createTheme({
  fontFamily: 'var(--font)',
  headings: { fontFamily: 'var(--font)', fontWeight: '700' },
  colors: { act },
  primaryColor: 'act',
  primaryShade: 6,
  defaultRadius: 'var(--r2)',
  respectReducedMotion: true,
  components: {
    PasswordInput: PasswordInput.extend({ defaultProps: { rightSectionWidth: 48 }, styles: { visibilityToggle: { width: 'var(--touch)', height: 'var(--touch)', color: 'var(--ink-2)' } } }),
  },
})

const ours = {
  '--mantine-color-body': 'var(--ground)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink-3)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--sunken)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-error': 'var(--alert)',
  '--mantine-color-placeholder': 'var(--ink-3)',
  '--mantine-primary-color-contrast': 'var(--on-act)',
}

export const cssVariables: CSSVariablesResolver = () => ({ variables: ours, light: ours, dark: ours })
