import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { Ask } from './Ask'

afterEach(() => { cleanup(); document.body.replaceChildren() })

it('stands above the screen, keeps the keys out of it, and gives the focus back', async () => {
  const root = document.body.appendChild(document.createElement('div'))
  root.id = 'root'
  const outside = root.appendChild(document.createElement('button'))
  outside.focus()
  const leave = vi.fn()
  const { unmount } = render(<Ask about="佐藤 花子さんのカルテ" title="外します" yes="外す" no="やめる" onYes={() => undefined} onNo={leave}>次のことが起きます。</Ask>, { container: root.appendChild(document.createElement('div')) })
  const sheet = screen.getByRole('dialog', { name: '外します' })
  expect(root.contains(sheet)).toBe(false)
  expect(root.hasAttribute('inert')).toBe(true)
  expect(document.activeElement).toBe(sheet)
  await userEvent.keyboard('{Escape}')
  expect(leave).toHaveBeenCalledOnce()
  unmount()
  expect(root.hasAttribute('inert')).toBe(false)
  expect(document.activeElement).toBe(outside)
})
