package org.amend4j.service;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.certificate.Digests;
import org.amend4j.certificate.Issuer;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.deletion.EntryType;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.objective.RecordIds;
import org.amend4j.privacy.GaussianGrid;
import org.amend4j.privacy.SecureGaussian;
import org.amend4j.sensitivity.ContaminationLedger;
import org.amend4j.service.ServiceState.Deletion;
import org.amend4j.service.ServiceState.NoiseChoice;
import org.amend4j.service.ServiceState.Stage;
import org.amend4j.unlearn.CheckpointVault;
import org.amend4j.unlearn.Plan;
import org.amend4j.unlearn.Planner;
import org.amend4j.unlearn.ReleaseNoise;
import org.amend4j.unlearn.StepListener;
import org.amend4j.unlearn.Way;

/**
 * Trains a model, takes requests to be forgotten, and releases models that have forgotten, with certificates. Everything is in a
 * folder, and what a method has done is on the disk when it returns:
 *
 * <pre>
 *   state.json        what was decided and how far it got
 *   deletions.jsonl   the ledger of requests
 *   releases/N/       a model's files and, from 1 on, its certificate
 * </pre>
 *
 * <p>A deletion is decided (state, then INTENT in the ledger), the old trajectory destroyed back to the checkpoint, the rest
 * redone (UNLEARNED), noise drawn and the release made visible by one rename (RELEASED), certified (CERTIFIED), and what it made
 * obsolete noted as destroyed (ERASED). A process that dies on the way goes on from there at the next {@link #open} and
 * {@link #finish}: redone steps end at the same bytes; noise is drawn again if and only if nothing was visible.
 *
 * <p>One writer at a time, across processes. Not safe for use by several threads.
 */
public final class UnlearningService implements Closeable {

    /** Requests in these states still have to be answered. */
    private static final Set<EntryType> PENDING =
            EnumSet.of(EntryType.RECEIVED, EntryType.VALIDATED, EntryType.SCHEDULED);

    private final Path folder;
    private final ForgettingModel model;
    private final Releases releases;
    private final CheckpointVault vault;
    private final Issuer issuer;
    private final DeletionLedger requests;
    private final Map<String, String> namesByPseudonym = new TreeMap<>();
    private final Clock clock;
    private ServiceState state;

    /** What the trajectory used when it was trained, and after the first so many deletions. */
    private final ContaminationLedger trajectory;

    private int noted;

    private UnlearningService(
            Path folder,
            ForgettingModel model,
            ReleaseWriter writer,
            CheckpointVault vault,
            SubjectKey key,
            Issuer issuer,
            DeletionLedger requests,
            Clock clock,
            ServiceState state) {
        this.folder = folder;
        this.model = model;
        this.releases = new Releases(folder, writer);
        this.vault = vault;
        this.issuer = issuer;
        this.requests = requests;
        this.clock = clock;
        this.state = state;
        this.trajectory = model.guarantee().ledger();
        model.subjects().names().forEach(name -> namesByPseudonym.put(key.pseudonym(name), name));
    }

    /**
     * Opens the service of a folder, or begins one.
     *
     * @param folder made if it is missing; its parent must exist
     * @param vault of this run; not closed by the service
     * @param key of the ledger's pseudonyms
     * @throws IOException if another writer has it, something in it is damaged, or it is of another model
     */
    public static UnlearningService open(
            Path folder,
            ForgettingModel model,
            ReleaseWriter writer,
            CheckpointVault vault,
            SubjectKey key,
            Issuer issuer,
            Clock clock)
            throws IOException {
        DeletionLedger requests = DeletionLedger.open(folder, key, clock);
        try {
            String objective = model.run().objective().fingerprint();
            String recipe = describe(model);
            if (!ServiceState.isIn(folder)) {
                ServiceState.fresh(objective, recipe).write(folder);
            }
            ServiceState state = ServiceState.read(folder);
            if (!state.objective().equals(objective)) {
                throw new IOException(folder + " belongs to another model or other data");
            }
            if (!state.recipe().equals(recipe)) {
                throw new IOException(
                        folder + " was trained by another recipe: " + state.recipe() + "; now it is " + recipe);
            }
            return new UnlearningService(folder, model, writer, vault, key, issuer, requests, clock, state);
        } catch (IOException | RuntimeException e) {
            requests.close();
            throw e;
        }
    }

    private static String describe(ForgettingModel model) {
        var recipe = model.run().recipe();
        return recipe.steps() + " steps, " + recipe.stepSizes() + ", "
                + recipe.batches().description() + ", balls " + recipe.balls() + ", noise " + recipe.noise();
    }

    /** Whether training came to its end. */
    public boolean isTrained() {
        return state.trained();
    }

    /**
     * Trains to the end and releases the model as number 0; goes on where an earlier attempt stopped, and does nothing if it is
     * done.
     *
     * @throws IllegalArgumentException if a step is too long for the curvature; nothing is trained
     * @throws ArithmeticException if parameters do not stay finite
     * @throws InterruptedException if the thread was interrupted; what was done is kept
     */
    public void train(StepListener progress) throws IOException, InterruptedException {
        if (state.trained()) {
            return;
        }
        // a step that is too long for its curvature is refused before anything is trained
        model.run().note(model.guarantee().ledger(), List.of());
        Stopwatch watch = new Stopwatch(progress);
        double[] theta = model.run().learn(model.start(), RecordIds.of(), vault, watch);
        if (!releases.has(0)) {
            releases.publish(0, theta);
        }
        save(state.trained(watch.seconds() / Math.max(1, recordGradients(watch.steps()))));
    }

    private long recordGradients(int steps) {
        int last = model.run().recipe().steps();
        RecordIds all = model.run().objective().records();
        long sum = 0;
        for (int t = last - steps; t < last; t++) {
            sum += model.run().recipe().batches().at(all, t).size();
        }
        return sum;
    }

    /**
     * Takes requests. When this returns they are on the disk and may be acknowledged; those made before are not made again.
     *
     * @throws IllegalArgumentException if a subject is not known, or nobody would be left; nothing is changed
     */
    public void request(Collection<String> names) throws IOException {
        requireTrained();
        RecordIds asked = ServiceState.union(
                model.subjects().recordsOf(names), model.subjects().recordsOf(pending()));
        RecordIds all = model.run().objective().records();
        if (ServiceState.union(state.deleted(), asked).size() == all.size()) {
            throw new IllegalArgumentException("some records must be retained, got a deletion of all " + all.size());
        }
        List<String> received = new ArrayList<>();
        for (String name : names) {
            String pseudonym = requests.receive(name);
            if (requests.state(pseudonym).orElseThrow() == EntryType.RECEIVED) {
                received.add(pseudonym);
            }
        }
        if (!received.isEmpty()) {
            requests.advance(EntryType.VALIDATED, received, Map.of());
        }
    }

    private void requireTrained() {
        if (!state.trained()) {
            throw new IllegalStateException("the model must be trained before it can forget");
        }
    }

    /** Names of those whose requests were taken and not yet answered. */
    public List<String> pending() {
        return requests.states().entrySet().stream()
                .filter(request -> PENDING.contains(request.getValue()))
                .map(request -> nameOf(request.getKey()))
                .sorted()
                .toList();
    }

    private String nameOf(String pseudonym) {
        String name = namesByPseudonym.get(pseudonym);
        if (name == null) {
            throw new IllegalStateException("a pending request is of nobody in the data: was the data changed?");
        }
        return name;
    }

    /**
     * How some subjects, and all that are pending, can be forgotten; nothing is changed.
     *
     * @throws IllegalArgumentException if one is not known, nothing is to be forgotten, or nobody would be left
     */
    public Plan plan(Collection<String> names) throws IOException {
        requireTrained();
        ContaminationLedger ledger = contamination();
        ledger.delete(model.subjects().recordsOf(names));
        ledger.delete(model.subjects().recordsOf(pending()));
        return new Planner(model.run(), model.guarantee(), model.policy(), state.secondsPerGradient()).plan(ledger);
    }

    /** What every step of the stored trajectory used, after all deletions that were decided. */
    private ContaminationLedger contamination() throws IOException {
        int bounded = model.run().recipe().boundedSteps();
        if (trajectory.size() == 0) {
            model.run().note(trajectory, List.of());
        }
        // a decision is never taken back, so that only new ones have to be noted
        for (; noted < state.deletions().size(); noted++) {
            Deletion deletion = state.deletions().get(noted);
            int checkpoint = Math.min(deletion.checkpoint(), bounded);
            trajectory.keep(checkpoint);
            trajectory.delete(deletion.recordIds());
            trajectory.rewound(checkpoint);
        }
        ContaminationLedger ledger = trajectory.copy();
        vault.steps().forEach(step -> ledger.keep(Math.min(step, bounded)));
        return ledger;
    }

    /**
     * Answers all pending requests at once.
     *
     * @param choice of a way of the plan; empty to refuse. {@link Way.ColdRun} and {@link Way.DescentToDelete} are other
     *     algorithms and cannot be chosen
     * @throws InterruptedException if the thread was interrupted; {@link #finish} goes on
     */
    public Outcome answer(Function<Plan, Optional<Way>> choice, StepListener progress)
            throws IOException, InterruptedException {
        requireTrained();
        if (state.hasUnfinished()) {
            throw new IllegalStateException("the deletion before must be finished first");
        }
        List<String> names = pending();
        if (names.isEmpty()) {
            return new Outcome.NothingPending();
        }
        List<String> subjects = schedule();
        Plan plan = plan(List.of());
        Optional<Way> way = choice.apply(plan);
        if (way.isEmpty()) {
            requests.advance(EntryType.REFUSED, subjects, Map.of("reason", "no way was admitted"));
            return new Outcome.Refused(plan);
        }
        save(state.with(decide(way.get(), subjects, model.subjects().recordsOf(names))));
        return finish(progress).orElseThrow();
    }

    /** Brings all pending requests to SCHEDULED. */
    private List<String> schedule() throws IOException {
        Map<EntryType, List<String>> byState = requests.states().entrySet().stream()
                .filter(request -> PENDING.contains(request.getValue()))
                .collect(Collectors.groupingBy(
                        Map.Entry::getValue, Collectors.mapping(Map.Entry::getKey, Collectors.toList())));
        List<String> received = byState.getOrDefault(EntryType.RECEIVED, List.of());
        List<String> validated = new ArrayList<>(byState.getOrDefault(EntryType.VALIDATED, List.of()));
        List<String> scheduled = new ArrayList<>(byState.getOrDefault(EntryType.SCHEDULED, List.of()));
        if (!received.isEmpty()) {
            requests.advance(EntryType.VALIDATED, received, Map.of());
            validated.addAll(received);
        }
        if (!validated.isEmpty()) {
            requests.advance(EntryType.SCHEDULED, validated, Map.of());
            scheduled.addAll(validated);
        }
        return scheduled;
    }

    private Deletion decide(Way way, List<String> subjects, RecordIds ids) throws IOException {
        int checkpoint;
        NoiseChoice noise = NoiseChoice.NONE;
        String evidence = "PROVED";
        double mu = 0;
        if (way instanceof Way.ExactRewind exact) {
            checkpoint = exact.checkpoint();
        } else if (way instanceof Way.NoisyRewind noisy) {
            checkpoint = noisy.checkpoint();
            ReleaseNoise chosen = noisy.noise();
            GaussianGrid grid = chosen.noise().grid();
            noise = new NoiseChoice(
                    grid.exponent(), grid.units(), grid.bound(), chosen.noise().sensitivity(), chosen.rounding());
            evidence = chosen.evidence().name();
            mu = chosen.noise().privacy().mu();
        } else if (way instanceof Way.Retrain) {
            checkpoint = 0;
        } else {
            throw new IllegalArgumentException("a " + way.name() + " is another algorithm and cannot be chosen");
        }
        List<String> keys = new ArrayList<>();
        for (int step : vault.steps().tailSet(checkpoint, false)) {
            keys.add(vault.keyId(step));
        }
        return new Deletion(
                subjects,
                ids.stream().boxed().toList(),
                way.name(),
                checkpoint,
                noise,
                evidence,
                vault.sha256(checkpoint),
                keys,
                Stage.DECIDED,
                mu,
                "0".repeat(64));
    }

    /**
     * Finishes a deletion that was interrupted; empty if there is none.
     *
     * @throws InterruptedException if the thread was interrupted
     */
    public Optional<Outcome> finish(StepListener progress) throws IOException, InterruptedException {
        if (!state.hasUnfinished()) {
            return Optional.empty();
        }
        Deletion deletion = state.last();
        int number = state.deletions().size();
        advance(EntryType.INTENT, deletion, intent(deletion));
        if (deletion.stage() == Stage.DECIDED) {
            vault.destroyFrom(deletion.checkpoint() + 1);
            deletion = deletion.at(Stage.REWOUND);
            save(state.withLast(deletion));
        }
        double[] theta = model.run().resume(state.deleted(), vault, progress);
        advance(EntryType.UNLEARNED, deletion, Map.of("release", Integer.toString(number)));
        if (!releases.has(number)) {
            releases.publish(number, noisy(theta, deletion.noise()));
        }
        String hash = Digests.ofFolder(release(number));
        advance(EntryType.RELEASED, deletion, Map.of("model", hash, "release", Integer.toString(number)));
        Path file = release(number).resolve(CertificateFile.NAME);
        if (!Files.exists(file)) {
            CertificateFile.write(certificate(deletion, hash), issuer, file);
        }
        deletion = deletion.certified(Digests.of(Files.readAllBytes(file)));
        advance(EntryType.CERTIFIED, deletion, Map.of("certificate", deletion.certificate()));
        advance(EntryType.ERASED, deletion, Map.of("keys", String.join(",", deletion.destroyedKeys())));
        // it saw the deleted records; earlier ones were retired when earlier deletions were finished
        releases.retire(number - 1);
        save(state.withLast(deletion.at(Stage.DONE)));
        return Optional.of(new Outcome.Released(number, release(number), CertificateFile.read(file)));
    }

    /** Unless it was done before. */
    private void advance(EntryType next, Deletion deletion, Map<String, String> facts) throws IOException {
        EntryType now = requests.state(deletion.subjects().get(0)).orElseThrow();
        if (now.compareTo(next) < 0) {
            requests.advance(next, deletion.subjects(), facts);
        }
    }

    private static Map<String, String> intent(Deletion deletion) {
        return Map.of(
                "way", deletion.way(),
                "checkpoint", Integer.toString(deletion.checkpoint()),
                "checkpointHash", deletion.checkpointHash(),
                "sigma",
                        Double.toString(Math.scalb(
                                (double) deletion.noise().units(),
                                deletion.noise().exponent())),
                "records", Digests.of(deletion.recordIds()));
    }

    private double[] noisy(double[] theta, NoiseChoice noise) {
        boolean atTheEnd = model.run().recipe().noise().isEmpty();
        return noise.units() == 0 || !atTheEnd
                ? theta
                : new SecureGaussian().release(theta, new GaussianGrid(noise.exponent(), noise.units(), noise.bound()));
    }

    private Certificate certificate(Deletion deletion, String modelHash) throws IOException {
        return new CertificateMaker(model, vault, clock)
                .make(state, deletion, modelHash, requests.entries(), contamination());
    }

    /** Whether a deletion was decided and not finished, as after a crash: {@link #finish} goes on. */
    public boolean hasUnfinished() {
        return state.hasUnfinished();
    }

    /** All records deleted so far, an unfinished deletion's among them. */
    public RecordIds deleted() {
        return state.deleted();
    }

    /** The files of a release. */
    public Path release(int number) {
        return releases.folder(number);
    }

    /** The number of the newest release; -1 before the model is trained. */
    public int latestRelease() {
        int done = state.hasUnfinished()
                ? state.deletions().size() - 1
                : state.deletions().size();
        return state.trained() ? done : -1;
    }

    private void save(ServiceState next) throws IOException {
        next.write(folder);
        state = next;
    }

    @Override
    public void close() throws IOException {
        requests.close();
    }

    /** Counts and times the steps made. */
    private static final class Stopwatch implements StepListener {
        private final StepListener next;
        private final long begin = System.nanoTime();
        private int steps;

        Stopwatch(StepListener next) {
            this.next = next;
        }

        @Override
        public void madeStep(int step, int of) {
            steps++;
            next.madeStep(step, of);
        }

        int steps() {
            return steps;
        }

        double seconds() {
            return (System.nanoTime() - begin) / 1e9;
        }
    }
}
