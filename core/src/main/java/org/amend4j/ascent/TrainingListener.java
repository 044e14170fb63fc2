package org.amend4j.ascent;

/** Hears of every update, in the training's thread. */
@FunctionalInterface
public interface TrainingListener {

    /**
     * An update was made.
     *
     * @param stepsPerSecond environment steps of this update by wall-clock time, learning included
     */
    void updated(UpdateRecord record, double stepsPerSecond);
}
