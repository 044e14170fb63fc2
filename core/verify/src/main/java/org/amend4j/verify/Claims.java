/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What a certificate of format 1, 2 or 3 claims; every field is read, and each is in its range. */
record Claims(
        int format,
        Claim claim,
        Deletion deletion,
        Grounds grounds,
        Protection protection,
        References references,
        Retention retention,
        Conditions conditions) {

    /** The newest format. */
    static final int VERSION = 3;

    /** The format of certificates that rest on a small gradient. */
    static final int CONVERGED = 3;

    /** The name of deletions by steps until the gradient is small. */
    static final String CONVERGENCE = "convergence";

    /** Of step sizes: there are none, but as many steps as it takes to a small gradient. */
    static final String UNTIL_GRADIENT = "untilGradient";

    /** No longer run is computed again: it would keep the machine busy. */
    private static final int MOST_STEPS = 1 << 20;

    private static final int MOST_POINTS = 100;
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9._:-]{1,200}");
    private static final double ANY = Double.MAX_VALUE;
    private static final int INTS = Integer.MAX_VALUE;

    /** What is claimed about the model. */
    enum Verdict {
        EXACT,
        CERTIFIED,
        EMPIRICAL
    }

    /** How something is known, strongest first. */
    enum Level {
        PROVED,
        ENFORCED,
        ASSUMED,
        ESTIMATED;

        Level weaker(Level other) {
            return compareTo(other) >= 0 ? this : other;
        }
    }

    /** The shape of the losses. */
    enum Shape {
        NONCONVEX,
        CONVEX,
        STRONGLY_CONVEX
    }

    /** The claim itself, and the weakest evidence of the constants that it rests on. */
    record Claim(String id, Instant issued, String title, Verdict verdict, Level level) {

        static Claim read(Fields of) throws RejectedException {
            return new Claim(
                    of.text("id"),
                    time(of.text("issued")),
                    of.text("title"),
                    of.oneOf("verdict", Verdict.class),
                    of.oneOf("level", Level.class));
        }

        private static Instant time(String issued) throws RejectedException {
            try {
                Instant time = Instant.parse(issued);
                if (time.toString().equals(issued)) {
                    return time;
                }
            } catch (DateTimeException e) {
                // as below
            }
            throw new RejectedException("issued must be a time like 2026-01-02T03:04:05Z");
        }
    }

    /** What the claim rests on: what was run, with which constants, and how far that is from retraining. */
    record Grounds(Algorithm algorithm, Constants constants, Bound bound, Optional<Convergence> convergence) {}

    /**
     * What a small gradient proves (docs/unlearning.md, (12) and (13)).
     *
     * @param gradientNorm G
     * @param weightDecay λ
     * @param normaliser N; 0 for the number of records
     * @param records the most that there can be
     * @param lossAtZero ℓ₀; infinite if it is not known
     * @param radius R
     * @param rounding ρ
     */
    record Convergence(
            double gradientNorm,
            double weightDecay,
            double normaliser,
            double records,
            double lossAtZero,
            double radius,
            double rounding) {

        static Convergence read(Fields of) throws RejectedException {
            Convergence convergence = new Convergence(
                    of.number("gradientNorm", Double.MIN_VALUE, ANY),
                    of.number("weightDecay", Double.MIN_VALUE, ANY),
                    of.number("normaliser", 0, ANY),
                    of.whole("records", 1, 1L << 53),
                    of.numberOrInfinity("lossAtZero"),
                    of.number("radius", Double.MIN_VALUE, ANY),
                    of.number("rounding", 0, ANY));
            of.finish();
            return convergence;
        }

        /** Of so many records, their number over the normaliser. */
        double share(double of) {
            return normaliser == 0 ? 1 : of / normaliser;
        }
    }

    /** What hides the distance to the retrained model. */
    record Protection(Noise noise, Privacy privacy) {}

    /** What the claim is about: what is private by other names, and what is released. */
    record References(PrivateNames names, List<ReleasedFile> files, Hashes hashes) {}

    /** Under what conditions the claim holds. */
    record Conditions(List<String> derived, List<String> exclusions) {}

    /** Without a schedule in format 1, where it is in words. */
    record Algorithm(
            String name,
            String noisePlacement,
            int steps,
            int boundedSteps,
            int checkpoint,
            int redone,
            Optional<Schedule> schedule) {

        static Algorithm read(Fields of, int format) throws RejectedException {
            Optional<Schedule> schedule = Optional.empty();
            if (format == 1) {
                of.text("batches");
                of.text("stepSizes");
            } else {
                schedule = Optional.of(Schedule.read(of));
            }
            Algorithm algorithm = new Algorithm(
                    of.word(
                            "name",
                            Set.of("exact rewind", "certified rewind", "empirical rewind", "retraining", CONVERGENCE)),
                    of.word("noisePlacement", Set.of("end", "checkpoint", "none")),
                    of.integer("steps", 1, MOST_STEPS),
                    of.integer("boundedSteps", 1, MOST_STEPS),
                    of.integer("checkpoint", 0, MOST_STEPS),
                    of.integer("redone", 0, MOST_STEPS),
                    schedule);
            of.finish();
            return algorithm;
        }
    }

    /** Which records the steps use, how long they are, and which of them earlier deletions redid. */
    record Schedule(
            String batches,
            double rate,
            String text,
            String stepSizes,
            double first,
            double factor,
            List<Rewind> earlier) {

        static Schedule read(Fields of) throws RejectedException {
            Fields batches = of.object("batches");
            Fields sizes = of.object("stepSizes");
            List<Rewind> earlier = new ArrayList<>();
            for (Fields rewind : of.objects("earlier")) {
                earlier.add(Rewind.read(rewind));
            }
            Schedule schedule = new Schedule(
                    batches.word("kind", Set.of("full", "epochs", "keyed", "recorded")),
                    batches.number("rate", Double.MIN_VALUE, 1),
                    batches.text("text"),
                    sizes.word("kind", Set.of("constant", "geometric", "listed", UNTIL_GRADIENT)),
                    sizes.number("first", Double.MIN_VALUE, ANY),
                    sizes.number("factor", Double.MIN_VALUE, 1),
                    earlier);
            batches.finish();
            sizes.finish();
            return schedule;
        }

        /** η of a step; of listed ones the first alone is said here, the steps of the bound have the others. */
        double stepSize(int step) {
            return stepSizes.equals("constant") ? first : first * StrictMath.pow(factor, step);
        }
    }

    /** An earlier deletion: what was redone, and how many records were deleted by then. */
    record Rewind(int checkpoint, int recordsEver) {

        static Rewind read(Fields of) throws RejectedException {
            Rewind rewind = new Rewind(of.integer("checkpoint", 0, MOST_STEPS), of.integer("recordsEver", 1, INTS));
            of.finish();
            return rewind;
        }
    }

    record Known(double value, Level evidence, String reason) {
        static Known read(Fields of) throws RejectedException {
            Known known = new Known(of.numberOrInfinity("value"), of.oneOf("evidence", Level.class), of.text("reason"));
            of.finish();
            return known;
        }
    }

    record Constants(
            Shape curvature,
            Known gradientBound,
            Known lipschitz,
            Known diameter,
            double startNorm,
            double reach,
            double movement,
            StepError rounding) {
        static Constants read(Fields of) throws RejectedException {
            Constants constants = new Constants(
                    of.oneOf("curvature", Shape.class),
                    Known.read(of.object("gradientBound")),
                    Known.read(of.object("lipschitz")),
                    Known.read(of.object("diameter")),
                    of.number("startNorm", 0, ANY),
                    of.number("reach", 0, ANY),
                    of.numberOrInfinity("movement"),
                    StepError.read(of.object("rounding")));
            of.finish();
            if (!Double.isFinite(constants.gradientBound.value)) {
                throw new RejectedException("constants.gradientBound.value must be finite");
            }
            if (constants.curvature != Shape.NONCONVEX && !Double.isFinite(constants.lipschitz.value)) {
                throw new RejectedException("constants.lipschitz.value must be finite for " + constants.curvature);
            }
            return constants;
        }
    }

    record Deletion(List<String> subjects, int records, int recordsEver, int recordsBefore) {

        static Deletion read(Fields of) throws RejectedException {
            Deletion deletion = new Deletion(
                    of.texts("subjects"),
                    of.integer("records", 0, INTS),
                    of.integer("recordsEver", 0, INTS),
                    of.integer("recordsBefore", 1, INTS));
            of.finish();
            return deletion;
        }
    }

    /** How a certificate names what is private. */
    sealed interface PrivateNames {

        /** Format 1: SHA-256, which gives away what can be guessed. */
        record Digests(String deleted, String retained) implements PrivateNames {}

        /** Format 2: under a salt. */
        record Commitments(String objective, String checkpoint, String deleted, String retained)
                implements PrivateNames {

            static Commitments read(Fields of) throws RejectedException {
                Commitments commitments = new Commitments(
                        of.hash("objective"), of.hash("checkpoint"), of.hash("deleted"), of.hash("retained"));
                of.finish();
                return commitments;
            }
        }
    }

    /** A file of the release. */
    record ReleasedFile(String name, long size, String sha256) {

        static List<ReleasedFile> readAll(Fields of) throws RejectedException {
            List<ReleasedFile> files = new ArrayList<>();
            for (Fields file : of.objects("files")) {
                files.add(new ReleasedFile(
                        file.text("name"), file.whole("size", 0, Long.MAX_VALUE), file.hash("sha256")));
                file.finish();
            }
            of.finish();
            return files;
        }
    }

    /** Steps that are the same to the bound; a normaliser of 0 is the step's own number of records. */
    record Steps(int count, double stepSize, double weightDecay, double normaliser, int retained, int deleted) {
        static Steps read(Fields of) throws RejectedException {
            Steps steps = new Steps(
                    of.integer("count", 1, MOST_STEPS),
                    of.number("stepSize", Double.MIN_VALUE, ANY),
                    of.number("weightDecay", 0, ANY),
                    of.number("normaliser", 0, ANY),
                    of.integer("retained", 0, INTS),
                    of.integer("deleted", 0, INTS));
            of.finish();
            return steps;
        }

        boolean isMean() {
            return normaliser == 0;
        }

        /** k + c. */
        long used() {
            return (long) retained + deleted;
        }

        /** Number of records over the normaliser. */
        double share(double records) {
            return isMean() ? 1 : records / normaliser;
        }
    }

    record Bound(
            List<Steps> steps,
            double exactDelta,
            double rounding,
            double delta,
            int byRecursion,
            int byCap,
            int byDiameter) {
        static Bound read(Fields of) throws RejectedException {
            List<Steps> steps = new ArrayList<>();
            long sum = 0;
            for (Fields some : of.objects("steps")) {
                steps.add(Steps.read(some));
                sum += steps.get(steps.size() - 1).count;
            }
            if (sum > MOST_STEPS) {
                throw new RejectedException("bound.steps must be at most " + MOST_STEPS + " steps, not " + sum);
            }
            Bound bound = new Bound(
                    steps,
                    of.number("exactDelta", 0, ANY),
                    of.number("rounding", 0, ANY),
                    of.number("delta", 0, ANY),
                    of.integer("byRecursion", 0, MOST_STEPS),
                    of.integer("byCap", 0, MOST_STEPS),
                    of.integer("byDiameter", 0, MOST_STEPS));
            of.finish();
            return bound;
        }
    }

    record Noise(int gridExponent, long units, double sigma, int dimension, double parameterBound, String source) {
        static Noise read(Fields of) throws RejectedException {
            Noise noise = new Noise(
                    of.integer("gridExponent", Double.MIN_EXPONENT, 900),
                    of.whole("units", 0, Long.MAX_VALUE),
                    of.number("sigma", 0, ANY),
                    of.integer("dimension", 0, INTS),
                    of.number("parameterBound", 0, ANY),
                    of.text("source"));
            of.finish();
            return noise;
        }

        /** g. */
        double step() {
            return Math.scalb(1.0, gridExponent);
        }
    }

    record Point(double epsilon, double delta) {
        static Point read(Fields of) throws RejectedException {
            Point point = new Point(of.number("epsilon", 0, 1e5), of.number("delta", 0, 1));
            of.finish();
            return point;
        }
    }

    record Privacy(
            Point budget,
            double mu,
            double deltaAtBudget,
            List<Point> points,
            double composedMu,
            double attackAuc,
            double attackAdvantage) {
        static Privacy read(Fields of) throws RejectedException {
            List<Point> points = new ArrayList<>();
            for (Fields point : of.objects("points")) {
                points.add(Point.read(point));
            }
            if (points.size() > MOST_POINTS) {
                throw new RejectedException("privacy.points must be at most " + MOST_POINTS);
            }
            Privacy privacy = new Privacy(
                    Point.read(of.object("budget")),
                    of.number("mu", 0, 1e6),
                    of.number("deltaAtBudget", 0, 1),
                    points,
                    of.number("composedMu", 0, ANY),
                    of.number("attackAuc", 0, 1),
                    of.number("attackAdvantage", 0, 1));
            of.finish();
            return privacy;
        }
    }

    record Hashes(String model, String ledgerHead, long ledgerSequence, String previous, Map<String, String> others) {

        static Hashes read(Fields of, int format) throws RejectedException {
            if (format == 1) {
                of.hash("objective");
                of.hash("checkpoint");
            }
            Fields named = of.object("others");
            Map<String, String> others = new TreeMap<>();
            for (String name : named.names()) {
                others.put(name, named.hash(name));
            }
            Hashes hashes = new Hashes(
                    of.hash("model"),
                    of.hash("ledgerHead"),
                    of.whole("ledgerSequence", 0, Long.MAX_VALUE),
                    of.hash("previous"),
                    others);
            of.finish();
            return hashes;
        }

        boolean isFirst() {
            return previous.equals("0".repeat(64));
        }
    }

    record Retention(List<String> destroyedKeys, List<Integer> keptCheckpoints, List<Integer> keptContaminated) {
        static Retention read(Fields of) throws RejectedException {
            Retention retention = new Retention(
                    of.texts("destroyedKeys"),
                    of.integers("keptCheckpoints", 0, MOST_STEPS),
                    of.integers("keptContaminated", 0, MOST_STEPS));
            of.finish();
            for (String key : retention.destroyedKeys) {
                if (!KEY.matcher(key).matches()) {
                    throw new RejectedException("retention.destroyedKeys must be like " + KEY);
                }
            }
            return retention;
        }
    }

    /** Reads a certificate; the version first, since another one may have anything in it. */
    static Claims read(Fields of) throws RejectedException {
        int format = (int) of.whole("version", 0, INTS);
        if (format < 1 || format > VERSION) {
            throw new RejectedException("its version is " + format + ", this verifier knows versions 1 to " + VERSION);
        }
        of.texts("assumptions");
        requireTexts(of.object("build"));
        Fields deletion = of.object("deletion");
        PrivateNames names = format == 1
                ? new PrivateNames.Digests(deletion.hash("recordsDigest"), deletion.hash("retainedDigest"))
                : PrivateNames.Commitments.read(of.object("commitments"));
        Claims claims = new Claims(
                format,
                Claim.read(of),
                Deletion.read(deletion),
                new Grounds(
                        Algorithm.read(of.object("algorithm"), format),
                        Constants.read(of.object("constants")),
                        Bound.read(of.object("bound")),
                        format == CONVERGED
                                ? Optional.of(Convergence.read(of.object("convergence")))
                                : Optional.empty()),
                new Protection(Noise.read(of.object("noise")), Privacy.read(of.object("privacy"))),
                new References(
                        names,
                        format == 1 ? List.of() : ReleasedFile.readAll(of.object("release")),
                        Hashes.read(of.object("hashes"), format)),
                Retention.read(of.object("retention")),
                new Conditions(format == 1 ? List.of() : of.texts("derived"), of.texts("exclusions")));
        of.finish();
        return claims;
    }

    private static void requireTexts(Fields of) throws RejectedException {
        for (String name : of.names()) {
            of.text(name);
        }
    }

    boolean isExact() {
        return claim.verdict == Verdict.EXACT;
    }

    /** Whether the model was made by steps until its gradient was small, from where it was. */
    boolean isConverged() {
        return grounds.algorithm.name.equals(CONVERGENCE);
    }

    /** Whether the model is trained by steps until the gradient is small. */
    boolean isTrainedByConvergence() {
        return grounds.algorithm
                .schedule
                .filter(schedule -> schedule.stepSizes.equals(UNTIL_GRADIENT))
                .isPresent();
    }
}
