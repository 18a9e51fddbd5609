// A test environment of Jest in which every test after the first that failed is left out.
import { TestEnvironment } from 'jest-environment-node';

export default function stopAtFirst(config, context) {
  const environment = new TestEnvironment(config, context);
  let failed = false;
  environment.handleTestEvent = ({ name, test }) => {
    if (name === 'test_start' && failed) test.mode = 'skip';
    if (name === 'test_done' && test.errors.length > 0) failed = true;
  };
  return environment;
}
