/** Name and version of this software, as both ends tell each other. */
export const SOFTWARE = 'vedette/0.1.0'
