// The import rules of the repository: what may know of what. No baseline, no exceptions.
const functions = '^handlers/(?!shared/)([^/]+)/'

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-function-imports-another', severity: 'error', from: { path: functions }, to: { path: functions, pathNot: '^handlers/$1/' } },
    { name: 'handlers-know-no-deployment', severity: 'error', from: { path: '^handlers/' }, to: { path: '^(stacks|local|scripts)/|cdktf' } },
    { name: 'stacks-know-no-code-of-functions', severity: 'error', from: { path: '^stacks/' }, to: { path: '^(handlers|local)/' } },
    { name: 'local-knows-no-stacks', severity: 'error', from: { path: '^local/' }, to: { path: '^stacks/' } },
    { name: 'only-bench-and-tests-know-local', severity: 'error', from: { pathNot: '^(local|bench|__tests__)/' }, to: { path: '^local/' } },
    { name: 'the-machine-knows-no-function', severity: 'error', from: { path: '^statemachines/' }, to: { path: '^handlers/' } },
  ],
  options: { doNotFollow: { path: 'node_modules' }, tsPreCompilationDeps: true, tsConfig: { fileName: 'tsconfig.json' } },
}
