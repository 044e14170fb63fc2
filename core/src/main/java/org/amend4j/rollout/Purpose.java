package org.amend4j.rollout;

/** What random numbers are drawn for. Purposes share nothing: more draws for one change no draw for another. */
public enum Purpose {
    /** The policy's first parameters. */
    POLICY,
    /** Starts and outcomes of environments. */
    ENVIRONMENT,
    /** Actions. */
    ACTIONS,
    /** The order of mini-batches. */
    MINIBATCHES,
    /** The chain that a critic learns on: environment and actions. */
    CRITIC,
    /** How long an actor walks before it looks. */
    TIMES,
    /** Noise added to parameters. */
    NOISE,
    /** Trajectories for reports about a policy. */
    DIAGNOSTICS,
    /** Episodes for scores of a policy. */
    EVALUATION
}
