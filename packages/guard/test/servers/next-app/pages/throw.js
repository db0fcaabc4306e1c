export default function Page() {
  return null
}

export function getServerSideProps() {
  throw new Error('thrown on purpose')
}
