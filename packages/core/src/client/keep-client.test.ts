import { describeOpsClientKeep } from '../testing/describe-ops-client-keep.ts';

describeOpsClientKeep('the client in the same process', async (ops) => ({
  client: ops.client({ operatorId: 'tester', method: 'library' }),
  async [Symbol.asyncDispose]() {
    // Nothing to close: the client holds nothing of its own.
  },
}));
