package org.amend4j.verify;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What a certificate claims, as far as it can be checked; every field of version 1 is read, and each is in its range. */
record Claims(
        String id,
        String title,
        Verdict verdict,
        Level level,
        Algorithm algorithm,
        Constants constants,
        Deletion deletion,
        Bound bound,
        Noise noise,
        Privacy privacy,
        Hashes hashes,
        Retention retention) {

    /** The only version there is. */
    static final int VERSION = 1;

    /** No longer run is computed again: it would keep the machine busy. */
    private static final int MOST_STEPS = 1 << 20;

    private static final int MOST_POINTS = 100;
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9._:-]{1,200}");
    private static final double ANY = Double.MAX_VALUE;
    private static final int INTS = Integer.MAX_VALUE;

    /** What is claimed about the model. */
    enum Verdict {
        EXACT,
        CERTIFIED
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

    record Algorithm(String name, String noisePlacement, int steps, int boundedSteps, int checkpoint, int redone) {
        static Algorithm read(Fields of) throws RejectedException {
            of.text("batches");
            of.text("stepSizes");
            Algorithm algorithm = new Algorithm(
                    of.word("name", Set.of("exact rewind", "certified rewind", "retraining")),
                    of.word("noisePlacement", Set.of("end", "checkpoint", "none")),
                    of.integer("steps", 1, MOST_STEPS),
                    of.integer("boundedSteps", 1, MOST_STEPS),
                    of.integer("checkpoint", 0, MOST_STEPS),
                    of.integer("redone", 0, MOST_STEPS));
            of.finish();
            return algorithm;
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

    record Deletion(
            List<String> subjects,
            int records,
            int recordsEver,
            int recordsBefore,
            String recordsDigest,
            String retainedDigest) {
        static Deletion read(Fields of) throws RejectedException {
            Deletion deletion = new Deletion(
                    of.texts("subjects"),
                    of.integer("records", 0, INTS),
                    of.integer("recordsEver", 0, INTS),
                    of.integer("recordsBefore", 1, INTS),
                    of.hash("recordsDigest"),
                    of.hash("retainedDigest"));
            of.finish();
            return deletion;
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

    record Hashes(String model, String ledgerHead, long ledgerSequence) {
        static Hashes read(Fields of) throws RejectedException {
            of.hash("objective");
            of.hash("checkpoint");
            of.hash("previous");
            Fields others = of.object("others");
            for (String name : others.names()) {
                others.hash(name);
            }
            Hashes hashes =
                    new Hashes(of.hash("model"), of.hash("ledgerHead"), of.whole("ledgerSequence", 0, Long.MAX_VALUE));
            of.finish();
            return hashes;
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
        long version = of.whole("version", 0, INTS);
        if (version != VERSION) {
            throw new RejectedException("its version is " + version + ", this verifier knows version " + VERSION);
        }
        requireTime(of.text("issued"));
        of.texts("assumptions");
        of.texts("exclusions");
        requireTexts(of.object("build"));
        Claims claims = new Claims(
                of.text("id"),
                of.text("title"),
                of.oneOf("verdict", Verdict.class),
                of.oneOf("level", Level.class),
                Algorithm.read(of.object("algorithm")),
                Constants.read(of.object("constants")),
                Deletion.read(of.object("deletion")),
                Bound.read(of.object("bound")),
                Noise.read(of.object("noise")),
                Privacy.read(of.object("privacy")),
                Hashes.read(of.object("hashes")),
                Retention.read(of.object("retention")));
        of.finish();
        return claims;
    }

    private static void requireTime(String issued) throws RejectedException {
        try {
            Instant.parse(issued);
        } catch (DateTimeException e) {
            throw new RejectedException("issued must be a time like 2026-01-02T03:04:05Z");
        }
    }

    private static void requireTexts(Fields of) throws RejectedException {
        for (String name : of.names()) {
            of.text(name);
        }
    }

    boolean isExact() {
        return verdict == Verdict.EXACT;
    }
}
