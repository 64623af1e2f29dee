import { useState } from 'preact/hooks';
import { ErrorSummary } from '../../components/alert.tsx';
import { Button } from '../../components/button.tsx';
import { Choices } from '../../components/choice.tsx';
import { Table } from '../../components/table.tsx';
import { tell } from '../../components/toast.tsx';
import { formatDate, t } from '../../i18n/index.ts';
import { post } from '../../lib/api.ts';
import type { CodesAnswer, Factor, Protection } from '../../lib/types.ts';
import { AddressForm } from '../factors/address.tsx';
import { RecoveryCodes } from '../factors/codes.tsx';
import { GridForm } from '../factors/grid.tsx';
import { PasskeyForm } from '../factors/passkey.tsx';
import { TOTPForm } from '../factors/totp.tsx';
import { useSubmission } from '../form.ts';
import { learnMe } from '../me.ts';
import { proved } from '../proof.tsx';
import { Revoke } from './revoke.tsx';

interface PanelProps {
  protection: Protection;
  onChanged: () => Promise<void>;
}

/** Second proofs, recovery codes, recovery address. */
export function FactorsPanel({ protection, onChanged }: PanelProps) {
  const words = t().security;
  const nameOf = (factor: Factor) => factor.label || kindOf(factor);
  return (
    <div class="stack stack-wide">
      <Table
        caption={words.factors}
        empty={words.noFactor}
        rows={protection.factors}
        keyOf={(factor) => String(factor.id)}
        columns={[
          { title: words.name, cell: nameOf },
          { title: words.kind, cell: kindOf },
          { title: words.created, cell: (factor) => formatDate(factor.created) },
          { title: words.used, cell: (factor) => (factor.used ? formatDate(factor.used) : words.never) },
          {
            title: words.action,
            cell: (factor) => (
              <Revoke name={nameOf(factor)} label={words.remove} path={`account/factors/${factor.id}`} done={words.removed} onDone={onChanged} />
            ),
          },
        ]}
      />
      <AddFactor onChanged={onChanged} />
      <Codes left={protection.recovery_codes} onChanged={onChanged} />
      <Address address={protection.recovery_address} onChanged={onChanged} />
    </div>
  );
}

function kindOf(factor: Factor): string {
  const kinds: Record<string, string> = t().security.kinds;
  return kinds[factor.kind] ?? factor.kind;
}

/** The button that adds a second proof, and the form that it opens. */
export function AddFactor({ onChanged }: { onChanged: () => Promise<void> }) {
  const words = t().security;
  const choices = t().activation.factor;
  const [kind, setKind] = useState<'passkey' | 'totp' | 'grid'>('passkey');
  const [open, setOpen] = useState(false);
  const done = async () => {
    setOpen(false);
    tell(words.added);
    await learnMe(); // what was due is done
    await onChanged();
  };
  if (!open) {
    return (
      <div class="row">
        <Button kind="primary" onPress={() => setOpen(true)}>
          {words.add}
        </Button>
      </div>
    );
  }
  return (
    <section class="card narrow" aria-label={words.add}>
      <Choices
        id="kind"
        legend={words.add}
        value={kind}
        onValue={setKind}
        options={[
          { value: 'passkey', label: choices.passkey, hint: choices.passkeyHint },
          { value: 'totp', label: choices.totp, hint: choices.totpHint },
          { value: 'grid', label: choices.grid, hint: choices.gridHint },
        ]}
      />
      {kind === 'passkey' ? <PasskeyForm under="account" onDone={done} /> : null}
      {kind === 'totp' ? <TOTPForm under="account" onDone={done} /> : null}
      {kind === 'grid' ? <GridForm under="account" onDone={done} /> : null}
      <div class="row">
        <Button onPress={() => setOpen(false)}>{t().actions.cancel}</Button>
      </div>
    </section>
  );
}

function Codes({ left, onChanged }: { left: number; onChanged: () => Promise<void> }) {
  const words = t().security;
  const [codes, setCodes] = useState<string[] | null>(null);
  const make = useSubmission({
    send: async () => {
      setCodes((await proved(() => post<CodesAnswer>('account/recovery-codes'))).codes);
      await onChanged();
    },
  });
  return (
    <section class="stack narrow" aria-labelledby="codes">
      <h2 id="codes">{words.codes}</h2>
      <p>{words.codesLeft(left)}</p>
      <ErrorSummary errors={make.errors} />
      {codes ? <RecoveryCodes codes={codes} /> : null}
      <div class="row">
        <Button busy={make.busy} onPress={make.submit}>
          {words.newCodes}
        </Button>
        {left > 0 ? <span class="hint">{words.newCodesHint}</span> : null}
      </div>
    </section>
  );
}

function Address({ address, onChanged }: { address: string; onChanged: () => Promise<void> }) {
  const words = t().security;
  return (
    <section class="stack narrow" aria-labelledby="address-title">
      <h2 id="address-title">{words.address}</h2>
      <p>{address || words.noAddress}</p>
      {address ? (
        <div class="row">
          <Revoke name={address} label={words.removeAddress} path="account/recovery-address" done={words.addressRemoved} onDone={onChanged} />
        </div>
      ) : null}
      <AddressForm under="account" onDone={onChanged} />
    </section>
  );
}
