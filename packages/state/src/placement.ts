/**
 * The part of a name that decides where it lives (Redis slot, Kafka partition): what stands between the first `{` and the next `}`, if that is not empty, else
 * the whole name. Names that must change together share a tag: `stock:{42}` and `orders:{42}`. The rule is that of Redis Cluster
 * (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags).
 */
export function placement(name: string): string {
  const open = name.indexOf('{')
  if (open === -1) return name
  const close = name.indexOf('}', open + 1)
  return close > open + 1 ? name.slice(open + 1, close) : name
}
