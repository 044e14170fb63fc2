/** The progress and the report of a job. */
@NullMarked
package org.amend4j.app.job;

import org.jspecify.annotations.NullMarked;
