// Requests pages on an instance. No layer: it serves every target that has probes.

export const probeOrigin = {
  id: 'probe-origin',
  name: 'ProbeOrigin',
  source: 'ssm/probe-origin/run',
  shared: ['script', 'paths', 'nginx-master', 'nginx'],
} as const
