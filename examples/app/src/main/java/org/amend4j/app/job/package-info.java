/** What a job tells while it runs and when it is done. */
@NullMarked
package org.amend4j.app.job;

import org.jspecify.annotations.NullMarked;
