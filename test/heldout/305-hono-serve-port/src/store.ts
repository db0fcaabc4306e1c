const links = new Map<string, string>();

export function put(url: string): string {
  const slug = Math.random().toString(36).slice(2, 8);
  links.set(slug, url);
  return slug;
}

export const get = (slug: string) => links.get(slug);
