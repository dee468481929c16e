#include "metrics/family_run.h"
