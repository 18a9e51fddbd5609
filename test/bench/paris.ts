import type { CityData } from '../../bench/demo/cities.js';

/** A city of the demo. */
export const paris: CityData = {
  country: 'FR',
  cityId: 2988507,
  name: 'Paris',
  altName: '',
  featureCode: 'PPLC',
  adminCode: '11',
  muni: '751',
  population: 2_138_551,
  location: { longitude: 2.3488, latitude: 48.85341 },
};
