-- Contact: who may be reached where, what holds it back, permits, what was sent, what became of it.

-- An account is one borrower's: whatever names both names a pair that exists.
alter table account add constraint account_of_borrower unique (slot, borrower_id, account_id);

-- Names, addresses and words are personal: each has an end, and can be erased; what refers to them holds ids.
create table person (
    slot smallint not null check (slot between 0 and 4095),
    borrower_id text not null,
    person_id text not null check (person_id <> ''),
    role text not null check (role in ('debtor', 'jointly_liable', 'representative', 'heir', 'unrelated')),
    name text not null default '',
    time_zone text not null default '',
    document_ref text not null default '',
    purpose text not null default 'contact',
    expires_on date,
    added_at timestamptz not null,
    erased_at timestamptz,
    primary key (slot, borrower_id, person_id),
    constraint person_erased_is_nobody check (erased_at is null or name = '')
);
create unique index person_debtor_once on person (slot, borrower_id) where role = 'debtor';

create table contact_point (
    slot smallint not null,
    borrower_id text not null,
    address_id text not null check (address_id <> ''),
    person_id text not null,
    channel_kind text not null check (channel_kind in ('phone', 'email', 'post', 'inbox')),
    value text not null default '',
    has_consent boolean not null default false,
    consent_ref text not null default '',
    added_at timestamptz not null,
    erased_at timestamptz,
    primary key (slot, borrower_id, address_id),
    unique (slot, borrower_id, address_id, person_id),
    foreign key (slot, borrower_id, person_id) references person,
    constraint contact_point_erased_is_nowhere check (erased_at is null or value = ''),
    constraint contact_point_consent_is_on_record check (not has_consent or consent_ref <> '')
);

-- A wrong number is closed for everybody for good, also once its address is erased: by a digest that
-- means nothing without this database's own key, which neither the application nor a reader can see.
create table suppression_key (key bytea not null check (length(key) >= 32));
create unique index suppression_key_once on suppression_key ((true));
insert into suppression_key values (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));
create function address_digest(value text) returns bytea language sql stable
    security definer set search_path = public, pg_temp as $$
    select sha256(key || convert_to(value, 'UTF8')) from suppression_key
$$;
create table address_closed (
    slot smallint not null,
    borrower_id text not null,
    address_id text not null,
    digest bytea not null check (length(digest) = 32),
    reason text not null check (reason <> ''),
    closed_at timestamptz not null,
    primary key (slot, borrower_id, digest),
    foreign key (slot, borrower_id, address_id) references contact_point
);

-- What the debtor asked for in a record of its own, with an end, revocable at once.
create table agreed_hours (
    slot smallint not null,
    borrower_id text not null,
    agreement_id text not null,
    from_time time not null,
    until_time time not null,
    asked_on date not null,
    ends_on date not null,
    record_ref text not null check (record_ref <> ''),
    revoked_at timestamptz,
    primary key (slot, borrower_id, agreement_id),
    constraint agreed_hours_end check (ends_on > asked_on and until_time <> from_time)
);

-- Contact held back; which purposes a kind stops is policy, and only what is narrower stands here.
create table hold (
    slot smallint not null check (slot between 0 and 4095),
    borrower_id text not null,
    hold_id text not null,
    kind text not null check (kind in ('dispute', 'complaint', 'hardship_request', 'kept_plan', 'promise',
        'claimed_paid', 'death', 'incapacity', 'represented', 'breathing_space', 'medical_crisis', 'opt_out')),
    channel text,
    account_id text,
    reference text not null default '',
    since_at timestamptz not null,
    until_at timestamptz,
    lifted_at timestamptz,
    lifted_by text not null default '',
    lifted_because text not null default '',
    primary key (slot, borrower_id, hold_id),
    foreign key (slot, borrower_id, account_id) references account (slot, borrower_id, account_id),
    constraint hold_ends_after_it_began check (until_at is null or until_at > since_at),
    constraint hold_lifted_by_somebody check ((lifted_at is null) = (lifted_by = ''))
);

-- What happened, beside the events of accounts; numbered per borrower, ids only.
create table case_event (
    slot smallint not null check (slot between 0 and 4095),
    borrower_id text not null,
    number integer not null check (number > 0),
    kind text not null check (kind <> ''),
    at timestamptz not null,
    account_id text,
    person_id text,
    address_id text,
    channel text,
    reference text not null default '',
    actor text not null check (actor <> ''),
    recorded_at timestamptz not null,
    primary key (slot, borrower_id, number),
    foreign key (slot, borrower_id, account_id) references account (slot, borrower_id, account_id),
    foreign key (slot, borrower_id, person_id) references person,
    foreign key (slot, borrower_id, address_id) references contact_point
);

-- An account with an agency: never with two at once.
create table placement (
    slot smallint not null,
    borrower_id text not null,
    account_id text not null,
    placement_id text not null,
    agency text not null check (agency <> ''),
    placed_at timestamptz not null,
    recalled_at timestamptz,
    suspended_at timestamptz,
    suspended_because text not null default '',
    primary key (slot, borrower_id, placement_id),
    foreign key (slot, borrower_id, account_id) references account (slot, borrower_id, account_id),
    constraint placement_ends_after_it_began check (recalled_at is null or recalled_at >= placed_at)
);
create unique index placement_with_one on placement (slot, account_id) where recalled_at is null;

-- How much had happened to a borrower at an instant: case events, and events of all accounts. It only
-- grows, and a payment through whichever door is in it the moment it commits, at no cost to the payment.
create function case_number(of_slot smallint, of_borrower text, at timestamptz default 'infinity')
    returns bigint language sql stable as $$
    select (select count(*) from public.case_event
            where (slot, borrower_id) = (of_slot, of_borrower) and recorded_at <= case_number.at)
         + (select count(*) from public.account join public.event using (slot, account_id)
            where (account.slot, account.borrower_id) = (of_slot, of_borrower)
              and event.recorded_at <= case_number.at)
$$;

-- Whoever asks for a permit, uses one, or says what happened does so one after another.
create function hold_debtor(of_borrower text) returns void language sql as $$
    select pg_advisory_xact_lock(hashtextextended('arrears debtor ' || of_borrower, 0))
$$;

create table permit (
    slot smallint not null,
    borrower_id text not null,
    permit_id text not null,
    account_id text not null,
    person_id text not null,
    address_id text not null,
    message_id text not null default '',
    channel text not null check (channel in
        ('interactive_call', 'notification_call', 'sms', 'email', 'letter', 'inbox', 'visit')),
    purpose text not null check (purpose in ('collection', 'statutory_notice', 'service', 'answer')),
    actor_kind text not null check (actor_kind in
        ('own_staff', 'ai_voice', 'system', 'agency', 'transferee')),
    actor_id text not null check (actor_id <> ''),
    template text not null,
    template_hash text not null,
    asked_at timestamptz not null,
    valid_from timestamptz not null,
    valid_until timestamptz not null,
    time_zone text not null check (time_zone <> ''),
    case_number bigint not null,
    reserved text[] not null,
    policy_digest text not null,
    primary key (slot, borrower_id, permit_id),
    unique (slot, borrower_id, permit_id, address_id, message_id, valid_from, valid_until),
    foreign key (slot, borrower_id, account_id) references account (slot, borrower_id, account_id),
    foreign key (slot, borrower_id, address_id, person_id)
        references contact_point (slot, borrower_id, address_id, person_id),
    constraint permit_ends check (valid_until > valid_from and valid_from >= asked_at),
    constraint permit_for_a_message check ((message_id = '') = (channel in
        ('interactive_call', 'notification_call', 'visit')))
);
create unique index permit_of_message on permit (slot, borrower_id, message_id) where message_id <> '';

create function permit_is_born_alive() returns trigger language plpgsql as $$
begin
    perform public.hold_debtor(new.borrower_id);
    if new.case_number <> public.case_number(new.slot, new.borrower_id) then
        raise exception 'something happened to the case of % that this permit does not know', new.borrower_id
            using errcode = 'check_violation', constraint = 'permit_knows_the_case';
    end if;
    if exists (select from public.address_closed as closed join public.contact_point as point
                   using (slot, borrower_id)
               where (slot, borrower_id, point.address_id) = (new.slot, new.borrower_id, new.address_id)
                 and (closed.address_id = point.address_id
                      or closed.digest = public.address_digest(point.value)))
    then
        raise exception 'address % is closed', new.address_id
            using errcode = 'check_violation', constraint = 'permit_to_an_open_address';
    end if;
    return new;
end
$$;
create trigger born_alive before insert on permit
    for each row execute function permit_is_born_alive();

-- What is sent: no text without a permit for exactly this message, address and window.
create table message (
    slot smallint not null,
    borrower_id text not null,
    message_id text not null check (message_id <> ''),
    permit_id text not null,
    address_id text not null,
    valid_from timestamptz not null,
    valid_until timestamptz not null,
    locale text not null,
    subject text not null,
    body text not null,
    text_hash text not null,
    erased_at timestamptz,
    primary key (slot, borrower_id, message_id),
    foreign key (slot, borrower_id, permit_id, address_id, message_id, valid_from, valid_until)
        references permit (slot, borrower_id, permit_id, address_id, message_id, valid_from, valid_until),
    constraint message_is_what_was_hashed check (case when erased_at is null
        then text_hash = encode(sha256(convert_to(subject || chr(10) || body, 'UTF8')), 'hex')
        else subject = '' and body = '' end)
);

-- That a permit was used: once, inside its window, for its address and message, before anything happened.
create table dispatch (
    slot smallint not null,
    borrower_id text not null,
    permit_id text not null,
    address_id text not null,
    message_id text not null default '',
    valid_from timestamptz not null,
    valid_until timestamptz not null,
    used_at timestamptz not null,
    primary key (slot, borrower_id, permit_id),
    foreign key (slot, borrower_id, permit_id, address_id, message_id, valid_from, valid_until)
        references permit (slot, borrower_id, permit_id, address_id, message_id, valid_from, valid_until),
    constraint dispatch_inside_the_window check (used_at >= valid_from and used_at < valid_until)
);

-- What became of it; `not_made` gives the permit's places back, so what was used cannot be that.
create table contact_outcome (
    slot smallint not null,
    borrower_id text not null,
    permit_id text not null,
    outcome text not null check (outcome in ('effective', 'connected', 'not_connected', 'not_made')),
    party text not null default 'unverified' check (party in ('right_party', 'wrong_party', 'unverified')),
    at timestamptz not null,
    seconds integer check (seconds >= 0),
    recording_ref text not null default '',
    recording_hash text not null default '',
    receipt_ref text not null default '',
    recorded_at timestamptz not null,
    primary key (slot, borrower_id, permit_id),
    foreign key (slot, borrower_id, permit_id) references permit,
    constraint contact_outcome_recording_has_a_hash check ((recording_ref = '') = (recording_hash = ''))
);

create function dispatch_of_a_living_permit() returns trigger language plpgsql as $$
declare
    permit public.permit;
begin
    perform public.hold_debtor(new.borrower_id);
    select * into permit from public.permit as asked
    where (asked.slot, asked.borrower_id, asked.permit_id) = (new.slot, new.borrower_id, new.permit_id);
    -- A call is told of afterwards: what counts is what had happened when it was made.
    if permit.case_number <> public.case_number(
        new.slot, new.borrower_id, case when new.message_id = '' then new.used_at else 'infinity' end)
    then
        raise exception 'permit % died: something happened to the case since', new.permit_id
            using errcode = 'check_violation', constraint = 'dispatch_of_a_living_permit';
    end if;
    if exists (select from public.contact_outcome as given
               where (given.slot, given.borrower_id, given.permit_id)
                     = (new.slot, new.borrower_id, new.permit_id))
    then
        raise exception 'permit % has an outcome already', new.permit_id
            using errcode = 'check_violation', constraint = 'dispatch_of_an_open_permit';
    end if;
    if new.message_id <> '' and not exists (
        select from public.message as written
        where (written.slot, written.borrower_id, written.message_id)
              = (new.slot, new.borrower_id, new.message_id))
    then
        raise exception 'message % has no text', new.message_id
            using errcode = 'check_violation', constraint = 'dispatch_of_a_text';
    end if;
    return new;
end
$$;
create trigger living_permit before insert on dispatch
    for each row execute function dispatch_of_a_living_permit();

create function outcome_of_what_was_done() returns trigger language plpgsql as $$
begin
    perform public.hold_debtor(new.borrower_id);
    if (new.outcome = 'not_made') = exists (
        select from public.dispatch as used
        where (used.slot, used.borrower_id, used.permit_id) = (new.slot, new.borrower_id, new.permit_id))
    then
        raise exception 'permit %: what was used was made, and what was not used was not', new.permit_id
            using errcode = 'check_violation', constraint = 'outcome_of_what_was_done';
    end if;
    return new;
end
$$;
create trigger what_was_done before insert on contact_outcome
    for each row execute function outcome_of_what_was_done();

-- Refusals are kept like permits: what was asked, every rule that spoke against it, what was earliest.
create table contact_refusal (
    slot smallint not null check (slot between 0 and 4095),
    borrower_id text not null,
    refusal bigint generated always as identity,
    stage text not null check (stage in ('asked', 'sending')),
    permit_id text not null default '',
    asked jsonb not null,
    reasons jsonb not null check (jsonb_array_length(reasons) > 0),
    earliest_at timestamptz,
    at timestamptz not null,
    policy_digest text not null,
    primary key (slot, borrower_id, refusal)
);

-- What an agency, or anybody, did without a permit, late, or after something had happened.
create table contact_breach (
    slot smallint not null check (slot between 0 and 4095),
    borrower_id text not null,
    breach bigint generated always as identity,
    kind text not null check (kind in
        ('no_permit', 'outside_the_window', 'after_an_event', 'used_twice', 'reported_late')),
    actor_kind text not null,
    actor_id text not null,
    permit_id text not null default '',
    account_id text not null default '',
    told jsonb not null,
    at timestamptz not null,
    recorded_at timestamptz not null,
    primary key (slot, borrower_id, breach)
);

-- A sign of self-harm or of a medical crisis: a trained person is alerted, and says what was done.
create table incident (
    slot smallint not null check (slot between 0 and 4095),
    borrower_id text not null,
    incident_id text not null,
    kind text not null check (kind <> ''),
    hold_id text not null,
    at timestamptz not null,
    alerted text not null check (alerted <> ''),
    answered_at timestamptz,
    answered_by text not null default '',
    primary key (slot, borrower_id, incident_id),
    foreign key (slot, borrower_id, hold_id) references hold,
    constraint incident_answered_by_somebody check ((answered_at is null) = (answered_by = ''))
);
create index incident_open on incident (at) where answered_at is null;

do $$
declare
    name text;
begin
    foreach name in array array['address_closed', 'case_event', 'permit', 'dispatch', 'contact_outcome',
                                'contact_refusal', 'contact_breach']
    loop
        execute format('create trigger append_only before update or delete or truncate on %I
                        for each statement execute function refuse_change()', name);
    end loop;
    foreach name in array array['person', 'contact_point', 'agreed_hours', 'hold', 'placement', 'message',
                                'incident']
    loop
        execute format('create trigger never_removed before delete or truncate on %I
                        for each statement execute function refuse_change()', name);
    end loop;
end
$$;
grant select, insert on person, contact_point, address_closed, agreed_hours, hold, case_event, placement,
    permit, message, dispatch, contact_outcome, incident to arrears_app;
grant select on contact_refusal, contact_breach to arrears_app;
grant insert (slot, borrower_id, stage, permit_id, asked, reasons, earliest_at, at, policy_digest)
    on contact_refusal to arrears_app;
grant insert (slot, borrower_id, kind, actor_kind, actor_id, permit_id, account_id, told, at, recorded_at)
    on contact_breach to arrears_app;
grant update (name, time_zone, document_ref, expires_on, erased_at) on person to arrears_app;
grant update (value, has_consent, consent_ref, erased_at) on contact_point to arrears_app;
grant update (revoked_at) on agreed_hours to arrears_app;
grant update (until_at, lifted_at, lifted_by, lifted_because) on hold to arrears_app;
grant update (recalled_at, suspended_at, suspended_because) on placement to arrears_app;
grant update (subject, body, erased_at) on message to arrears_app;
grant update (answered_at, answered_by) on incident to arrears_app;
-- Who reads the books does not read who somebody is, nor what was said to them.
grant select on address_closed, agreed_hours, hold, case_event, placement, permit, dispatch,
    contact_outcome, contact_refusal, contact_breach, incident to arrears_reader;

-- check: what says that somebody was contacted is only added to, and the key is nobody's to read
do $$
begin
    if (select count(*) from pg_trigger where tgname = 'append_only' and tgrelid in (
            'address_closed'::regclass, 'case_event'::regclass, 'permit'::regclass, 'dispatch'::regclass,
            'contact_outcome'::regclass, 'contact_refusal'::regclass, 'contact_breach'::regclass)) <> 7
        or has_any_column_privilege('arrears_app', 'suppression_key', 'select')
        or has_any_column_privilege('arrears_reader', 'suppression_key', 'select')
        or has_any_column_privilege('arrears_reader', 'contact_point', 'select')
    then
        raise exception 'migration 0013: a record of contact can be changed, or a secret read';
    end if;
end
$$;
