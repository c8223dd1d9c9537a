// The one look that serves both WordPress plugins.

export const inspectWordPress = {
  id: 'inspect-wordpress',
  name: 'InspectWordPress',
  source: 'layers/wordpress/inspect',
  shared: ['script', 'paths', 'measure', 'cache', 'wp', 'site', 'w3-cache', 'inspect'],
} as const
