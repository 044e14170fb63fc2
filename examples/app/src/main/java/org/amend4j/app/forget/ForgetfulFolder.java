/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.amend4j.app.files.Destination;
import org.amend4j.app.files.FolderLock;
import org.amend4j.app.files.Reasons;
import org.amend4j.app.files.WholeFolder;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Threads;
import org.amend4j.data.BadInputException;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.graph.BlockPlace;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.RecordIds;
import org.amend4j.provable.EnablingOption;
import org.amend4j.provable.NotProvedException;
import org.amend4j.sensitivity.ContaminationLedger;
import org.amend4j.service.ForgettingModel;
import org.amend4j.service.ServiceRecords;
import org.amend4j.service.Subjects;
import org.amend4j.service.UnlearningService;
import org.amend4j.unlearn.CheckpointVault;
import org.amend4j.unlearn.Planner;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.SealedVault;
import org.amend4j.unlearn.StepListener;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;
import org.amend4j.unlearn.WholeSet;

/**
 * A model that forgets, in a folder:
 *
 * <pre>
 *   service.json       settings
 *   base.zip, adapter  the network, and what of it learns
 *   recipe.json, adoption.json   how it was trained, if something else trained it
 *   vault              checkpoints, encrypted
 *   state.json, records.bin, deletions.jsonl, head.txt, releases   of the service
 * </pre>
 *
 * It contains neither the keys nor the data, which has to be given every time, except for rows of forgotten subjects. A
 * damaged folder, other data or other keys are bad input; nothing is changed then.
 */
public final class ForgetfulFolder implements Closeable {

    private static final String VAULT = "vault";
    private static final int RUN_DIGITS = 32;

    /** As {@code verify} has it. */
    private static final int MOST_STEPS = 1 << 20;

    private final Path folder;
    private final ForgettingSettings settings;
    private final SubjectTable table;
    private final ForgetfulNetwork network;
    private final KeyFolder keys;
    private final Assembly assembly;
    private final SealedVault vault;
    private final UnlearningService service;

    private ForgetfulFolder(
            Path folder,
            ForgettingSettings settings,
            SubjectTable table,
            ForgetfulNetwork network,
            KeyFolder keys,
            Assembly assembly,
            SealedVault vault,
            UnlearningService service) {
        this.folder = folder;
        this.settings = settings;
        this.table = table;
        this.network = network;
        this.keys = keys;
        this.assembly = assembly;
        this.vault = vault;
        this.service = service;
    }

    /**
     * Creates a folder, or continues one that was created in the same way and is not trained yet.
     *
     * @param wish its settings, as far as they are known
     * @throws BadInputException if something is in the way; nothing is written then
     */
    public static ForgetfulFolder begin(
            Path folder, Path keys, Path data, ForgetfulNetwork network, ForgettingSettings wish) throws IOException {
        return begin(folder, keys, data, network, wish, Optional.empty());
    }

    /** As {@link #begin(Path, Path, Path, ForgetfulNetwork, ForgettingSettings)}, of a model that something else may have trained. */
    static ForgetfulFolder begin(
            Path folder,
            Path keys,
            Path data,
            ForgetfulNetwork network,
            ForgettingSettings wish,
            Optional<Adoption> adoption)
            throws IOException {
        try {
            SubjectTable table = SubjectTable.read(data, wish.table(), network.configuration());
            ForgettingSettings settings = wish.of(table);
            useThreads(settings);
            requireCertifiable(settings);
            // what is only checked is computed nowhere
            ForgetfulNetwork here = network.at(BlockPlace.HERE);
            Assembly.of(settings, here, table, new byte[32], adoption);
            KeyFolder.requireApart(keys, folder);
            if (Files.exists(folder)) {
                requireSame(folder, settings);
            } else {
                Destination.somethingNew("--out", folder);
                Destination.folder("--keys", keys);
                // two who begin at once must not make each other's keys and folder
                String run = HexFormat.of().formatHex(SubjectKey.fresh()).substring(0, RUN_DIGITS);
                try (FolderLock claim = FolderLock.of("--out", folder)) {
                    Destination.somethingNew("--out", folder);
                    KeyFolder made = keys(
                            keys,
                            shared -> Assembly.of(
                                    settings, here, table, shared.ofRun(run).batches(), adoption));
                    write(folder, network, settings, made, run, adoption);
                }
            }
        } catch (IllegalArgumentException refused) {
            throw badInput(refused);
        }
        ForgetfulFolder begun = open(folder, keys, data, network.place());
        if (begun.service.isTrained()) {
            begun.requireUntrained();
        }
        return begun;
    }

    /** Refuses a folder that holds a model already; closes it. */
    void requireUntrained() throws IOException {
        boolean trained = service.isTrained();
        close();
        if (trained) {
            throw new BadInputException("--out: " + folder + " exists already and holds a trained model");
        }
    }

    /** The keys of a folder, new ones if there are none, which do not stay if a check of the key of batches refuses them. */
    private static KeyFolder keys(Path folder, Consumer<KeyFolder> check) throws IOException {
        if (Files.exists(folder)) {
            KeyFolder keys = KeyFolder.openOrCreate(folder);
            check.accept(keys);
            return keys;
        }
        try (FolderLock claim = FolderLock.of("--keys", folder)) {
            KeyFolder keys = KeyFolder.openOrCreate(folder);
            try {
                check.accept(keys);
            } catch (IllegalArgumentException refused) {
                KeyFolder.delete(folder);
                throw refused;
            }
            return keys;
        }
    }

    /** Refuses more steps than a verifier recomputes: their certificates would not be accepted. */
    private static void requireCertifiable(ForgettingSettings settings) {
        int steps = settings.training().steps();
        if (steps > MOST_STEPS) {
            throw new BadInputException(
                    "the number of steps must be at most " + MOST_STEPS + ", the most of a certificate, got " + steps);
        }
    }

    /** Before anything is computed. */
    private static void useThreads(ForgettingSettings settings) {
        if (settings.training().blockSize() > 0) {
            Threads.useOne(); // as executors do: what is divided is blocks, not sums
        }
    }

    /** Whether its gradients are added up in blocks, which can be computed elsewhere. */
    public boolean isInBlocks() {
        return settings.training().blockSize() > 0;
    }

    private static void requireSame(Path folder, ForgettingSettings settings) {
        if (!SettingsFile.isIn(folder)) {
            throw new BadInputException("--out: " + folder + " exists already; remove it or choose another name");
        }
        if (!settings.asks(SettingsFile.read(folder))) {
            throw new BadInputException(
                    "--out: " + folder + " exists already and was begun with another network or other options");
        }
    }

    private static void write(
            Path folder,
            ForgetfulNetwork network,
            ForgettingSettings settings,
            KeyFolder keys,
            String run,
            Optional<Adoption> adoption)
            throws IOException {
        Path whole = folder.toAbsolutePath().normalize();
        if (whole.getParent() == null) {
            throw new BadInputException("--out must name a folder, got " + folder);
        }
        WholeFolder.write(whole, temporary -> {
            network.write(temporary);
            if (adoption.isPresent()) {
                adoption.get().write(temporary);
            }
            ForgettingSettings stored = settings.stored(
                    ForgetfulNetwork.baseDigest(temporary),
                    ForgetfulNetwork.adapterDigest(temporary),
                    keys.issuer().publicKey(),
                    run);
            SettingsFile.write(temporary, SettingsFile.sealed(stored, keys));
        });
    }

    /**
     * Opens a folder.
     *
     * @throws BadInputException if it is none, damaged or in use, or data or keys are others
     */
    public static ForgetfulFolder open(Path folder, Path keys, Path data) {
        return open(folder, keys, data, BlockPlace.HERE);
    }

    /** As {@link #open(Path, Path, Path)}; what is trained in blocks is computed at a place, with the bits that it has anywhere. */
    public static ForgetfulFolder open(Path folder, Path keys, Path data, BlockPlace place) {
        try {
            ForgettingSettings settings = SettingsFile.read(folder);
            useThreads(settings);
            KeyFolder.requireApart(keys, folder);
            KeyFolder secrets = keys(keys, folder, settings);
            ForgetfulNetwork network =
                    ForgetfulNetwork.read(folder, settings.origin()).at(place);
            SubjectTable table = SubjectTable.read(
                    data, settings.table(), network.configuration(), ServiceRecords.in(folder, secrets.subjects()));
            Assembly assembly =
                    Assembly.of(settings, network, table, secrets.batches(), Adoption.of(folder, settings.origin()));
            return open(folder, settings, table, network, secrets, assembly);
        } catch (IOException | IllegalArgumentException refused) {
            throw badInput(refused);
        }
    }

    private static KeyFolder keys(Path keys, Path folder, ForgettingSettings settings) throws IOException {
        KeyFolder secrets = KeyFolder.open(keys);
        if (!secrets.issuer().publicKey().equals(settings.origin().issuer())) {
            throw new BadInputException("--keys: the keys in " + keys + " are not those of " + folder);
        }
        SettingsFile.requireSeal(folder, settings, secrets);
        return secrets.ofRun(settings.origin().run());
    }

    private static ForgetfulFolder open(
            Path folder,
            ForgettingSettings settings,
            SubjectTable table,
            ForgetfulNetwork network,
            KeyFolder keys,
            Assembly assembly)
            throws IOException {
        var run = assembly.model().run();
        SealedVault vault = SealedVault.open(
                folder.resolve(VAULT),
                ServiceRecords.label(folder, assembly.model(), keys.subjects()) + " "
                        + run.recipe().batches().facts().first() + " "
                        + settings.origin().base(),
                run.objective().dimension(),
                keys.checkpoints());
        try {
            UnlearningService service = UnlearningService.open(
                    folder,
                    assembly.model(),
                    Subjects.named(keys.subjects(), table.ids(), table.names()),
                    (theta, release) -> network.release(assembly.problem(), theta, release),
                    vault,
                    keys.issuer(),
                    Clock.systemUTC());
            return new ForgetfulFolder(folder, settings, table, network, keys, assembly, vault, service);
        } catch (IOException | RuntimeException e) {
            vault.close();
            throw e;
        }
    }

    /** A refusal of the library in the words of the command line. */
    static BadInputException badInput(Exception refused) {
        String sentence = refused instanceof NotProvedException unproved
                ? unproved.sentence(ForgetfulFolder::option)
                : refused instanceof FileSystemException file
                        ? Reasons.of(file)
                        : Objects.requireNonNullElse(refused.getMessage(), refused.toString());
        return new BadInputException(sentence, refused);
    }

    private static String option(EnablingOption remedy) {
        return switch (remedy) {
            case FEATURE_RADIUS -> "--feature-radius";
            case PARAMETER_RADIUS -> "--parameter-radius";
            case BOTH_FACTORS -> "--both-factors";
            case LAYER_RADII -> "--layer-radius";
            case CLIPPING -> "--clip";
            case PLAIN_DESCENT -> "--ignore-updater";
        };
    }

    /**
     * Takes over checkpoints of a model that something else trained.
     *
     * @param secondsPerGradient measured, of one record
     */
    void adopt(CheckpointVault trajectory, double secondsPerGradient) throws IOException {
        service.adopt(trajectory, secondsPerGradient);
    }

    /** Trains to the end. */
    public void train(Progress progress) throws IOException, InterruptedException {
        try (Progress.Stage stage =
                progress.stage("training", settings.training().steps())) {
            service.train(listener(stage));
        } catch (ArithmeticException diverged) {
            throw new BadInputException(diverged.getMessage() + "; a smaller --step-size may help", diverged);
        }
    }

    /**
     * Why no record could be forgotten by a rewind, or would be by default, with numbers and what would help. Every plan would say so, and
     * it is known before training. Empty if one could, if that depends on the batches, or if nothing is certified at all.
     */
    public Optional<String> foresight() {
        ForgettingModel model = assembly.model();
        Recipe recipe = model.run().recipe();
        RecordIds records = model.run().objective().records();
        if (isEmpirical() || !(recipe.batches() instanceof WholeSet) || records.size() < 2) {
            return Optional.empty();
        }
        ContaminationLedger ledger = model.guarantee().ledger();
        model.run()
                .note(
                        ledger,
                        IntStream.rangeClosed(0, recipe.steps())
                                .filter(recipe::isKept)
                                .boxed()
                                .toList());
        ledger.delete(RecordIds.of(records.get(0)));
        UnlearningPlan plan = new Planner(model.run(), model.guarantee(), model.policy(), Double.NaN).plan(ledger);
        if (plan.isRefused()) {
            return Optional.of("no rewind could forget even one record, only retraining: " + plan.obstacle()
                    + "; what would help: " + String.join("; ", plan.advice()));
        }
        boolean converges = plan.methods().stream().anyMatch(UnlearningMethod.Converge.class::isInstance);
        return plan.recommended() instanceof UnlearningMethod.Retrain && !converges
                ? Optional.of(loud(plan.noisy()))
                : Optional.empty();
    }

    private static String loud(List<UnlearningMethod.NoisyRewind> rewinds) {
        double least = rewinds.stream()
                .mapToDouble(rewind -> rewind.noise().relative())
                .min()
                .orElseThrow();
        return String.format(
                Locale.ROOT,
                "by default even one record will be forgotten by retraining: the least noise of a rewind has %.3g of the"
                        + " largest norm that parameters can have, %.3g at most is taken; what would help: more weight decay,"
                        + " more steps, a larger number of planned records, or a larger epsilon",
                least,
                UnlearningPlan.LITTLE_NOISE);
    }

    /** Tells a stage of steps. */
    static StepListener listener(Progress.Stage stage) {
        return new StepListener() {
            @Override
            public void madeStep(int step, int of) {
                stage.reach(step);
            }

            @Override
            public void converging(int step, double gradientNorm, double wanted) {
                stage.note(String.format(Locale.ROOT, "gradient %.2g, to be %.2g", gradientNorm, wanted));
                stage.step(0); // how many there will be is not known, but something happens
            }
        };
    }

    /** Refuses to work with a model that was not trained to the end. */
    void requireTrained() {
        if (!service.isTrained()) {
            String command = settings.origin().isAdopted() ? "adopt" : "train";
            throw new BadInputException(folder + (settings.origin().isAdopted() ? " is not adopted" : " is not trained")
                    + " to the end: give the same unlearn " + command + " command again");
        }
    }

    /** Refuses to look at a model with an interrupted deletion. */
    void requireFinished() {
        if (service.hasUnfinished()) {
            throw new BadInputException("a deletion was interrupted: unlearn delete finishes it");
        }
    }

    /** The number of the newest release. */
    public int latestRelease() {
        requireTrained();
        return service.latestRelease();
    }

    /** Whether its checkpoints are estimates, so that nothing made from them is ever certified. */
    boolean isEmpirical() {
        return assembly.model().guarantee().isEmpirical();
    }

    Path path() {
        return folder;
    }

    ForgettingSettings settings() {
        return settings;
    }

    SubjectTable table() {
        return table;
    }

    ForgetfulNetwork network() {
        return network;
    }

    Assembly assembly() {
        return assembly;
    }

    /** The same model on a table that has the rows of forgotten subjects. */
    Assembly assemblyOn(SubjectTable whole) {
        try {
            return Assembly.of(settings, network, whole, keys.batches(), Adoption.of(folder, settings.origin()));
        } catch (IOException unreadable) {
            throw badInput(unreadable);
        }
    }

    UnlearningService service() {
        return service;
    }

    /** The norm of the parameters at the end of the stored trajectory: what a release's noise is added to. */
    double trainedNorm() throws IOException {
        return Vectors.normInOrder(vault.read(vault.steps().last()));
    }

    /** Where the checkpoints are. */
    SealedVault vault() {
        return vault;
    }

    /** Steps with stored checkpoints. */
    NavigableSet<Integer> checkpoints() throws IOException {
        return vault.steps();
    }

    @Override
    public void close() throws IOException {
        try (vault) {
            service.close();
        }
    }
}
