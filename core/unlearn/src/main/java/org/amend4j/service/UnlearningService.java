/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.amend4j.certificate.Issuer;
import org.amend4j.certificate.Opening;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.objective.RecordIds;
import org.amend4j.privacy.GaussianPrivacy;
import org.amend4j.privacy.LifetimeBudget;
import org.amend4j.sensitivity.ContaminationLedger;
import org.amend4j.service.Requests.Ticket;
import org.amend4j.service.ServiceState.Deletion;
import org.amend4j.transparency.TreeHead;
import org.amend4j.unlearn.CheckpointVault;
import org.amend4j.unlearn.Planner;
import org.amend4j.unlearn.StepListener;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;

/**
 * Trains a model, accepts deletion requests, and releases unlearned models with certificates. Everything is in a folder, and the
 * effects of a method are on disk when it returns:
 *
 * <pre>
 *   state.json        what was decided and how far it got, sealed
 *   records.bin       salted hashes of the records, and which are forgotten, sealed
 *   deletions.jsonl   the ledger of requests
 *   head.txt          its head, signed: to be kept elsewhere as well, since it shows whether entries are missing
 *   releases/N/       a model's files and, from 1 on, its certificate
 * </pre>
 *
 * <p>A deletion is decided (state, then INTENT in the ledger), the old trajectory destroyed back to the checkpoint, the rest
 * redone (UNLEARNED), noise drawn and the release made visible by one rename (RELEASED), certified (CERTIFIED), and what it made
 * obsolete recorded as destroyed (ERASED); last, the salts of the forgotten records' hashes are destroyed. If the process dies
 * in between, the next {@link #open} and {@link #finish} resume there: redone steps end with the same bytes; noise is
 * drawn again if and only if no release was visible.
 *
 * <p>One writer at a time, across processes. Not thread-safe.
 */
public final class UnlearningService implements Closeable {

    /** The file of the ledger's newest head, a signed note (c2sp.org/tlog-checkpoint). */
    public static final String HEAD = "head.txt";

    private final ForgettingModel model;
    private final Subjects subjects;
    private final CheckpointVault vault;
    private final Releases releases;
    private final Requests requests;
    private final HeadFile headFile;
    private final Contamination contamination;
    private final SavedState state;
    private final CommitmentScheme hiding;
    private final Execution execution;

    private UnlearningService(
            ForgettingModel model,
            Subjects subjects,
            CheckpointVault vault,
            Releases releases,
            Requests requests,
            ServiceRecords records,
            HeadFile headFile,
            SavedState state,
            Issuer issuer,
            CommitmentScheme hiding) {
        this.model = model;
        this.subjects = subjects;
        this.vault = vault;
        this.releases = releases;
        this.requests = requests;
        this.headFile = headFile;
        this.contamination = new Contamination(model, vault);
        this.state = state;
        this.hiding = hiding;
        this.execution = new Execution(
                model, vault, releases, requests, contamination, records, state, headFile, issuer, hiding);
    }

    /**
     * Opens the service of a folder, or begins one.
     *
     * @param folder made if it is missing; its parent must exist
     * @param subjects who may request deletion; their key is the ledger's
     * @param vault of this run, named by {@link ServiceRecords#label}; not closed by the service
     * @throws IOException if another writer has it, something in it is damaged or older than the ledger, or it is of another
     *     model
     */
    public static UnlearningService open(
            Path folder,
            ForgettingModel model,
            Subjects subjects,
            ReleaseWriter writer,
            CheckpointVault vault,
            Issuer issuer,
            Clock clock)
            throws IOException {
        return open(folder, model, subjects, writer, vault, issuer, CommitmentScheme.secure(), clock);
    }

    /** With the salts and commitments of a test. */
    static UnlearningService open(
            Path folder,
            ForgettingModel model,
            Subjects subjects,
            ReleaseWriter writer,
            CheckpointVault vault,
            Issuer issuer,
            CommitmentScheme hiding,
            Clock clock)
            throws IOException {
        model.requireWholeOwners(subjects);
        requireLedger(folder);
        DeletionLedger ledger = DeletionLedger.openUnsettled(folder, subjects.key(), clock);
        try {
            ServiceRecords records =
                    ServiceRecords.open(folder, model, subjects.key().seal());
            HeadFile headFile = new HeadFile(folder, ledger, issuer);
            headFile.requireContained();
            Requests requests = new Requests(ledger, subjects);
            boolean sealed = ServiceState.isIn(folder) && ServiceState.isSealed(folder);
            SavedState state = SavedState.open(folder, model, records, requests, hiding);
            // folders of release 0.1.0 can be without one
            headFile.requireThereIf(sealed && state.now().trained());
            Releases releases = new Releases(folder, writer);
            releases.require(state.now());
            StateCheck.requireDestroyed(folder, state.now(), vault);
            // everything was checked: from here on the folder may change
            for (String name : List.of(ServiceState.FILE, HEAD, ServiceRecords.FILE)) {
                AtomicFile.removeLeftovers(folder.resolve(name));
            }
            ledger.settle();
            return new UnlearningService(
                    model, subjects, vault, releases, requests, records, headFile, state, issuer, hiding);
        } catch (IOException | RuntimeException e) {
            ledger.close();
            throw e;
        }
    }

    /** A ledger is there before state and head are: a new one in its place would have forgotten every request. */
    private static void requireLedger(Path folder) throws IOException {
        Path ledger = folder.resolve(DeletionLedger.FILE);
        if (!Files.exists(ledger) && (ServiceState.isIn(folder) || Files.exists(folder.resolve(HEAD)))) {
            throw new IOException(ledger + " was lost, which has all requests: put it back");
        }
    }

    /** Whether training came to its end. */
    public boolean isTrained() {
        return state.now().trained();
    }

    /**
     * Trains to the end and releases the model as number 0; resumes where an earlier attempt stopped, and does nothing if it is
     * done.
     *
     * @throws IllegalArgumentException if a step is too long for the curvature; nothing is trained
     * @throws ArithmeticException if parameters do not stay finite
     * @throws InterruptedException if the thread was interrupted; what was done is kept
     */
    public void train(StepListener progress) throws IOException, InterruptedException {
        if (state.now().trained()) {
            return;
        }
        // a step that is too long for its curvature is refused before anything is trained
        model.run().note(model.guarantee().ledger(), List.of());
        Stopwatch watch = new Stopwatch(progress);
        double[] theta = model.run().learn(model.start(), RecordIds.of(), vault, watch);
        if (!releases.has(0)) {
            releases.publish(0, theta, state::announce);
        }
        // before the state: a trained service has a head, which requests are signed under
        headFile.write();
        state.save(state.now().trained(watch.secondsPerGradient(model.run())));
    }

    /**
     * Takes over a model that was trained elsewhere, and releases it as number 0; does nothing if it is done.
     *
     * @param trajectory its checkpoints, the model's start and the end of training among them; may be used after a failure
     * @param secondsPerGradient measured, of one record; NaN if it was not
     * @throws IllegalArgumentException if start or end are missing, or the start is another; nothing is changed
     */
    public void adopt(CheckpointVault trajectory, double secondsPerGradient) throws IOException {
        if (state.now().trained()) {
            return;
        }
        int last = model.run().recipe().steps();
        if (!trajectory.steps().contains(0)
                || !trajectory.steps().contains(last)
                || !Arrays.equals(trajectory.read(0), model.run().start(model.start()))) {
            throw new IllegalArgumentException("a trajectory must go from the model's start to step " + last
                    + ", got checkpoints at " + trajectory.steps());
        }
        model.run().note(model.guarantee().ledger(), List.of());
        for (int step : trajectory.steps()) {
            vault.keep(step, trajectory.read(step));
        }
        if (!releases.has(0)) {
            releases.publish(0, trajectory.read(last), state::announce);
        }
        headFile.write();
        state.save(state.now().trained(secondsPerGradient));
    }

    /**
     * Takes requests. When this returns they are on the disk and may be acknowledged; those made before are not made again.
     *
     * @throws IllegalArgumentException if a subject is not known, or no record would be left; nothing is changed
     */
    public void request(Collection<String> names) throws IOException {
        requireTrained();
        RecordIds asked = Ticket.records(requests.ticketsWith(names));
        RecordIds all = model.run().objective().records();
        if (RecordIds.union(List.of(state.now().deleted(), asked)).size() == all.size()) {
            throw new IllegalArgumentException("some records must be retained, got a deletion of all " + all.size());
        }
        requests.take(names);
        headFile.write();
    }

    private void requireTrained() {
        if (!state.now().trained()) {
            throw new IllegalStateException("the model must be trained before it can forget");
        }
    }

    /** Who may request deletion. */
    public Subjects subjects() {
        return subjects;
    }

    /** Whether a subject was forgotten before, according to the ledger; the data need not hold the subject's rows any more. */
    public boolean wasForgotten(String name) {
        return requests.isForgotten(name);
    }

    /** Names of the subjects with requests that were taken and not yet answered. */
    public List<String> pending() {
        return requests.pending();
    }

    /**
     * How some subjects, and all that are pending, can be forgotten; nothing is changed.
     *
     * @throws IllegalArgumentException if one is not known, nothing is to be forgotten, or no record would be left
     */
    public UnlearningPlan plan(Collection<String> names) throws IOException {
        requireTrained();
        return plan(contamination.after(state.now().deletions()), requests.ticketsWith(names));
    }

    /** How only these requests can be met. */
    private UnlearningPlan plan(ContaminationLedger before, List<Ticket> some) {
        ContaminationLedger ledger = before.copy();
        ledger.delete(Ticket.records(some));
        return new Planner(
                        model.run(),
                        model.guarantee(),
                        model.policy(),
                        state.now().secondsPerGradient(),
                        state.now().told())
                .plan(ledger);
    }

    /**
     * What {@link #answer(Answer, StepListener)} would do if some subjects asked as well; nothing is changed. If the requests cannot all be
     * met together, they are taken in the order in which they came, and each is met that the ones before it leave room for. The others are
     * refused, each with its reason, and the model becomes what it would be without them.
     *
     * @param names the subjects who would ask, in this order; those who asked before are not counted again
     * @param choice of a method of the plan; empty to refuse. {@link UnlearningMethod.ColdRun} and
     *     {@link UnlearningMethod.DescentToDelete} are other algorithms and cannot be chosen
     * @throws IllegalArgumentException if one is not known, nothing is to be forgotten, or no record would be left
     * @throws IOException if the checkpoint that would be rewound to is missing or damaged
     */
    public DeletionDecision prepare(
            Collection<String> names, Function<UnlearningPlan, Optional<UnlearningMethod>> choice) throws IOException {
        requireTrained();
        ContaminationLedger before = contamination.after(state.now().deletions());
        DeletionDecision answer =
                new DeletionDecision(this, requests.ticketsWith(names), some -> plan(before, some), choice);
        if (!answer.isRefusal()) {
            // one that is damaged is found out before anything is decided
            Deletion.of(answer.accepted(), answer.method().orElseThrow(), vault, hiding.salt());
        }
        return answer;
    }

    /**
     * Answers all pending requests at once, as {@link #prepare} describes.
     *
     * @throws InterruptedException if the thread was interrupted; {@link #finish} resumes
     */
    public RequestOutcome answer(Function<UnlearningPlan, Optional<UnlearningMethod>> choice, StepListener progress)
            throws IOException, InterruptedException {
        requireTrained();
        requireFinished();
        return pending().isEmpty() ? new RequestOutcome.NothingPending() : answer(prepare(List.of(), choice), progress);
    }

    private void requireFinished() {
        if (state.now().hasUnfinished()) {
            throw new IllegalStateException("the deletion before must be finished first");
        }
    }

    /**
     * Gives an answer that was prepared, once its requests were made.
     *
     * @throws IllegalStateException if it is not this service's answer to the requests that are pending
     * @throws InterruptedException if the thread was interrupted; {@link #finish} resumes
     */
    public RequestOutcome answer(DeletionDecision answer, StepListener progress)
            throws IOException, InterruptedException {
        requireFinished();
        if (!answer.isOf(this, requests.tickets())) {
            throw new IllegalStateException(
                    "an answer must be this service's to the requests that are pending, got one to others");
        }
        requests.schedule();
        List<Refusal> refused = answer.refusals();
        // before the decision: after a kill in between the others are pending, and get what they would get now
        requests.refuse(refused);
        if (answer.isRefusal()) {
            headFile.write();
            return new RequestOutcome.Refused(answer.plan(), refused);
        }
        UnlearningMethod method = answer.method().orElseThrow();
        // what the decision rests on must not be lost: a torn last line is only cut off if no head has it
        headFile.write();
        state.save(state.now().with(Deletion.of(answer.accepted(), method, vault, hiding.salt())));
        return execute(progress).with(refused);
    }

    /**
     * Finishes a deletion that was interrupted; empty if there is none.
     *
     * @throws InterruptedException if the thread was interrupted
     */
    public Optional<RequestOutcome> finish(StepListener progress) throws IOException, InterruptedException {
        return state.now().hasUnfinished() ? Optional.of(execute(progress)) : Optional.empty();
    }

    private RequestOutcome.Released execute(StepListener progress) throws IOException, InterruptedException {
        return execution.run(progress);
    }

    /** Whether a deletion was decided and not finished, as after a crash: {@link #finish} resumes it. */
    public boolean hasUnfinished() {
        return state.now().hasUnfinished();
    }

    /** The head of the ledger: its size and root, to be kept elsewhere. */
    public TreeHead head() {
        return requests.head();
    }

    /** All records deleted so far, an unfinished deletion's among them. */
    public RecordIds deleted() {
        return state.now().deleted();
    }

    /** What all releases together may tell, and have told; empty without a limit. */
    public Optional<LifetimeBudget> lifetime() {
        return model.policy().lifetime(state.now().told());
    }

    /**
     * What was told of a person: by the release that forgot them and later ones, until the model was retrained.
     *
     * @throws IllegalArgumentException if the person is not known
     */
    public GaussianPrivacy toldOf(String name) {
        return state.now().toldOf(subjects.named(name).records());
    }

    /** The most that was revealed about any forgotten subject. */
    public GaussianPrivacy toldMost() {
        return state.now().toldMost();
    }

    /**
     * Opens the commitments of a certificate, to show an auditor which records were deleted.
     *
     * @param number of its release, in [1, latest]
     * @throws IllegalArgumentException if there is no such certificate, or it has no commitments, as those of format 1
     */
    public Opening opening(int number) {
        if (number < 1 || number > latestRelease()) {
            throw new IllegalArgumentException(
                    "a release with a certificate must be in [1, " + latestRelease() + "], got " + number);
        }
        Deletion last = state.now().deletions().get(number - 1);
        if (last.salt().isEmpty()) {
            throw new IllegalArgumentException("the certificate of release " + number
                    + " is of format 1, which commits to" + " nothing: its hashes are open to everybody");
        }
        RecordIds ever = state.now().deleted(number);
        RecordIds all = model.run().objective().records();
        return Opening.of(
                last.certificate(), last.saltBytes(), last.rewind().checkpointHash(), ever, all.without(ever));
    }

    /** The files of a release. */
    public Path release(int number) {
        return releases.folder(number);
    }

    /** The number of the newest release; -1 before the model is trained. */
    public int latestRelease() {
        ServiceState now = state.now();
        int decided = now.deletions().size();
        int done = now.hasUnfinished() ? decided - 1 : decided;
        return now.trained() ? done : -1;
    }

    @Override
    public void close() throws IOException {
        requests.close();
    }
}
