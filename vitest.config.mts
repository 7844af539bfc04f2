import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/ts/**/*.test.{ts,tsx}'],
    environment: 'jsdom',
    setupFiles: ['tests/ts/setup.ts'],
    pool: 'threads'
  }
});
