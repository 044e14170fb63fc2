/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.amend4j.verify.Claims.Algorithm;
import org.amend4j.verify.Claims.Deletion;
import org.amend4j.verify.Claims.Rewind;
import org.amend4j.verify.Claims.Schedule;
import org.amend4j.verify.Claims.Steps;

/** The statements that formats 2 and 3 allow in one form only, and the schedule that the steps must follow. */
final class FormChecks {

    private static final Pattern PSEUDONYM = Pattern.compile("[0-9a-f]{64}");

    private final Claims claims;
    private final Deletion deletion;
    private final int[] contaminating;

    FormChecks(Claims claims) {
        this.claims = claims;
        this.deletion = claims.deletion();
        this.contaminating = contaminating();
    }

    List<Check> all() {
        List<Check> checks = new ArrayList<>(List.of(subjects()));
        if (claims.format() == 1) {
            checks.add(Check.notChecked(
                    "form",
                    "format 1: its hashes let those who know the other records guess at deleted ones, its schedule is in"
                            + " words, and files of the release that begin with a dot are not named"));
            return checks;
        }
        checks.addAll(List.of(form(), derived(), schedule()));
        return checks;
    }

    private Check subjects() {
        Inspection all = new Inspection("subjects");
        List<String> subjects = deletion.subjects();
        all.require(!subjects.isEmpty(), "a deletion must be somebody's, and nobody is named");
        all.require(
                subjects.stream().allMatch(subject -> PSEUDONYM.matcher(subject).matches()),
                "a subject is no pseudonym of 64 hexadecimal digits");
        all.require(subjects.equals(List.copyOf(new TreeSet<>(subjects))), "subjects must ascend, each once");
        all.require(
                deletion.records() >= subjects.size(), "there are fewer records than subjects, who have one at least");
        return all.conclude(subjects.size() + " named by pseudonyms");
    }

    private Check form() {
        Inspection all = new Inspection("form");
        String id = "release-" + number() + "-"
                + claims.references().hashes().model().substring(0, 16);
        all.require(claims.claim().id().equals(id), "the id must be " + id);
        Algorithm algorithm = claims.grounds().algorithm();
        String longer = title(" to step " + algorithm.checkpoint());
        // retraining goes nowhere but to the start, which only earlier certificates say
        String title = algorithm.name().endsWith(" rewind") ? longer : title("");
        boolean said =
                algorithm.name().equals("retraining") && claims.claim().title().equals(longer);
        all.require(said || claims.claim().title().equals(title), "the title must be: " + title);
        all.require(
                claims.conditions().exclusions().equals(Exclusions.of(claims.format())),
                "the exclusions are not those of every certificate of format " + claims.format());
        all.require(!claims.references().files().isEmpty(), "a release has files, and none is named");
        String model = new Sha256()
                .add(ReleasedFiles.canonical(claims.references().files()))
                .hex();
        all.require(
                claims.references().hashes().model().equals(model),
                "the hash of the model is not that of its list of files");
        all.require(
                claims.references().hashes().isFirst() == earlier().isEmpty(),
                "it names " + earlier().size() + " earlier deletions, and "
                        + (claims.references().hashes().isFirst() ? "no certificate" : "a certificate") + " before it");
        return all.conclude("id, title, exclusions and files are as format " + claims.format() + " has them");
    }

    private int number() {
        return earlier().size() + 1;
    }

    private List<Rewind> earlier() {
        return claims.grounds().algorithm().schedule().map(Schedule::earlier).orElse(List.of());
    }

    /**
     * The claim in one line; what it rests on is in it if that is not certain.
     *
     * @param where it went on from
     */
    private String title(String where) {
        Algorithm algorithm = claims.grounds().algorithm();
        String what = counted(deletion.subjects().size(), "subject") + " with " + counted(deletion.records(), "record")
                + " forgotten by " + algorithm.name() + where;
        String reasons = String.join("; ", claims.conditions().derived());
        if (claims.isExact()) {
            String same = algorithm.boundedSteps() == algorithm.steps() ? "the same bytes as" : "distributed like";
            return what + ": " + same + " retraining without them"
                    + (reasons.isEmpty() ? "" : ", UNDER ASSUMPTIONS: " + reasons);
        }
        if (claims.claim().verdict() == Claims.Verdict.EMPIRICAL) {
            return what + ", EMPIRICAL: rewound to a reconstructed checkpoint, nothing is certified";
        }
        String under = claims.claim().level() == Claims.Level.ASSUMED ? " UNDER ASSUMPTIONS" : "";
        return what + ": certified" + under + (reasons.isEmpty() ? "" : ": " + reasons);
    }

    private static String counted(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private Check derived() {
        Inspection all = new Inspection("derived");
        all.require(
                claims.conditions().derived().isEmpty()
                        || claims.claim().level().compareTo(Claims.Level.ASSUMED) >= 0,
                "something was derived from the records, and the level is claimed to be "
                        + claims.claim().level());
        all.require(claims.conditions().derived().stream().noneMatch(String::isBlank), "what was derived is not said");
        return all.conclude(
                claims.conditions().derived().isEmpty()
                        ? "nothing is said to have been derived from the records"
                        : "the level allows for what was derived from the records");
    }

    private Check schedule() {
        Inspection all = new Inspection("schedule");
        Schedule schedule = claims.grounds().algorithm().schedule().orElseThrow();
        all.require(
                !schedule.batches().equals("full") || schedule.rate() == 1,
                "full batches have rate 1, not " + schedule.rate());
        all.require(
                schedule.stepSizes().equals("geometric") || schedule.factor() == 1,
                schedule.stepSizes() + " step sizes have factor 1, not " + schedule.factor());
        earlier(all);
        int step = 0;
        int end = 0;
        Steps first = claims.grounds().bound().steps().isEmpty()
                ? null
                : claims.grounds().bound().steps().get(0);
        for (Steps steps : claims.grounds().bound().steps()) {
            end += steps.count();
            if (first != null
                    && (steps.weightDecay() != first.weightDecay() || steps.normaliser() != first.normaliser())) {
                all.require(false, "weight decay or normaliser change at step " + step);
                break;
            }
            for (; step < end; step++) {
                String wrong = wrong(schedule, steps, step);
                if (!wrong.isEmpty()) {
                    all.require(false, wrong);
                    return all.conclude("");
                }
            }
        }
        epochs(all, schedule);
        return all.conclude(
                "step sizes, counts and earlier rewinds are those of a run with " + schedule.batches() + " batches");
    }

    /** In an epoch every record is used once. */
    private void epochs(Inspection all, Schedule schedule) {
        if (!schedule.batches().equals("epochs")) {
            return;
        }
        int length = (int) Math.max(1, Math.min(Integer.MAX_VALUE, Math.rint(1 / schedule.rate())));
        int expected = deletion.recordsBefore() - deletion.recordsEver();
        long retained = 0;
        long deleted = 0;
        int step = 0;
        for (Steps steps : claims.grounds().bound().steps()) {
            for (int i = 0; i < steps.count(); i++) {
                retained += steps.retained();
                deleted += steps.deleted();
                if (++step % length == 0) {
                    int begin = contaminating(step - length);
                    boolean uniform = begin == contaminating(step - 1);
                    if (retained != expected || (uniform && deleted != begin)) {
                        all.require(
                                false,
                                "the epoch before step " + step + " is said to have used " + retained + " retained and "
                                        + deleted + " deleted records, each once: there are " + expected + " and "
                                        + begin);
                        return;
                    }
                    retained = 0;
                    deleted = 0;
                }
            }
        }
    }

    private void earlier(Inspection all) {
        int before = 0;
        for (Rewind rewind : earlier()) {
            all.require(rewind.recordsEver() > before, "earlier deletions must delete something");
            all.require(
                    rewind.checkpoint() <= claims.grounds().algorithm().steps(),
                    "an earlier rewind went to step " + rewind.checkpoint() + ", which there is not");
            before = rewind.recordsEver();
        }
        all.require(
                before + deletion.records() == deletion.recordsEver(),
                before + " records were deleted before and " + deletion.records() + " now, which is not "
                        + deletion.recordsEver());
    }

    /** What is wrong with a step; empty if nothing is. */
    private String wrong(Schedule schedule, Steps steps, int step) {
        boolean said = step == 0 || !schedule.stepSizes().equals("listed");
        if (said && steps.stepSize() != schedule.stepSize(step)) {
            return "step " + step + " has size " + steps.stepSize() + ", the schedule says " + schedule.stepSize(step);
        }
        int retained = deletion.recordsBefore() - deletion.recordsEver();
        int gone = contaminating(step);
        boolean full = schedule.batches().equals("full");
        boolean fits = full
                ? steps.retained() == retained && steps.deleted() == gone
                : steps.retained() <= retained && steps.deleted() <= gone;
        return fits
                ? ""
                : "step " + step + " is said to have used " + steps.retained() + " retained and " + steps.deleted()
                        + " deleted records, where " + (full ? "" : "at most ") + retained + " and " + gone
                        + " are possible";
    }

    /** Deleted records that a step may have used: those that were there when it was last made. */
    private int contaminating(int step) {
        return step < contaminating.length ? contaminating[step] : 0;
    }

    /** Of every step before the rewind, in time that many earlier rewinds do not multiply. */
    private int[] contaminating() {
        int[] gone = new int
                [Math.min(
                        claims.grounds().algorithm().checkpoint(),
                        claims.grounds().algorithm().boundedSteps())];
        int end = gone.length;
        for (int i = earlier().size() - 1; i >= 0 && end > 0; i--) {
            Rewind last = earlier().get(i);
            if (last.checkpoint() < end) {
                Arrays.fill(gone, last.checkpoint(), end, deletion.recordsEver() - last.recordsEver());
                end = last.checkpoint();
            }
        }
        Arrays.fill(gone, 0, end, deletion.recordsEver());
        return gone;
    }
}
