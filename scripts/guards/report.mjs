// A reporter of Jest that says nothing, and leaves in the file GUARD_REPORT how the tests ended.
import { writeFileSync } from 'node:fs';

export default function report() {
  return {
    onRunComplete(_contexts, { numPassedTests, testResults }) {
      const files = testResults.map(({ testFilePath, testExecError, failureMessage, testResults: tests }) => ({
        path: testFilePath,
        // A file that could not be run at all.
        fault: testExecError ? (failureMessage ?? String(testExecError.message)) : undefined,
        failed: tests
          .filter(({ status }) => status === 'failed')
          .map(({ fullName, failureMessages }) => ({ name: fullName, message: failureMessages.join('\n') })),
      }));
      writeFileSync(process.env.GUARD_REPORT, JSON.stringify({ passed: numPassedTests, files }));
    },
  };
}
