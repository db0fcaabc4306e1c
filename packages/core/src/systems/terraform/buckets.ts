import { Unique } from '../aws/names.ts'
import type { AwsModel } from '../aws/index.ts'
import { type Block, Expression, identifier } from './hcl.ts'

type Bucket = AwsModel['buckets'][number]

/** I10. Each setting is a resource of its own, as the provider has them since version 4. */
export function bucketBlocks({ buckets }: AwsModel): readonly Block[] {
  const names = new Unique('_')
  return buckets.flatMap((bucket) => blocksOf(bucket, names.take(identifier([bucket.name]))))
}

function blocksOf({ name, encryption, versioning, expireAfterDays }: Bucket, resource: string): readonly Block[] {
  const bucket = new Expression(`aws_s3_bucket.${resource}.id`)
  const setting = (kind: string, rest: Omit<Block, 'type' | 'labels'>): Block => ({
    type: 'resource',
    labels: [`aws_s3_bucket_${kind}`, resource],
    ...rest,
    attributes: { bucket, ...rest.attributes },
  })
  return [
    {
      type: 'resource',
      labels: ['aws_s3_bucket', resource],
      attributes: { bucket: name },
      blocks: [{ type: 'lifecycle', attributes: { prevent_destroy: true } }],
    },
    setting('public_access_block', {
      attributes: { block_public_acls: true, block_public_policy: true, ignore_public_acls: true, restrict_public_buckets: true },
    }),
    setting('server_side_encryption_configuration', {
      blocks: [
        {
          type: 'rule',
          ...(encryption === 'kms' ? { attributes: { bucket_key_enabled: true } } : {}),
          blocks: [
            {
              type: 'apply_server_side_encryption_by_default',
              attributes: { sse_algorithm: encryption === 'kms' ? 'aws:kms' : 'AES256' },
            },
          ],
        },
      ],
    }),
    setting('versioning', {
      blocks: [{ type: 'versioning_configuration', attributes: { status: versioning ? 'Enabled' : 'Suspended' } }],
    }),
    ...(expireAfterDays === undefined ? [] : [setting('lifecycle_configuration', lifecycle(expireAfterDays, resource))]),
  ]
}

/** Former versions go as many days after they were replaced; parts of uploads that nobody ended are paid for and seen by nobody. */
function lifecycle(days: number, resource: string): Omit<Block, 'type' | 'labels'> {
  return {
    attributes: { depends_on: [new Expression(`aws_s3_bucket_versioning.${resource}`)] },
    blocks: [
      {
        type: 'rule',
        attributes: { id: 'expire', status: 'Enabled' },
        blocks: [
          { type: 'filter' },
          { type: 'expiration', attributes: { days } },
          { type: 'noncurrent_version_expiration', attributes: { noncurrent_days: days } },
          { type: 'abort_incomplete_multipart_upload', attributes: { days_after_initiation: 7 } },
        ],
      },
    ],
  }
}
