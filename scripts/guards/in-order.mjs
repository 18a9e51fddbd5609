// Jest runs the files in the order in which GUARD_TESTS names them.
const order = JSON.parse(process.env.GUARD_TESTS);

const placeOf = ({ path }) => order.findIndex((file) => path.endsWith(`/${file}`));

export default function inOrder() {
  return {
    sort: (tests) => [...tests].sort((a, b) => placeOf(a) - placeOf(b)),
    shard: (tests) => tests,
    allFailedTests: () => [],
    cacheResults: () => {},
  };
}
