#!/bin/bash
# Workers on Slurm: `sbatch --array=1-20 deploy/slurm/workers.sh tls://scheduler:8786 DIR`, from the checkout.
# DIR contains ca.pem, cert.pem and key.pem. Each task of the array is one worker with its machines.
#SBATCH --job-name=drydock
#SBATCH --cpus-per-task=1
#SBATCH --mem=3G
#SBATCH --tmp=8G
#SBATCH --time=04:00:00
set -eu
scheduler=$1
certificates=$2
# Scratch space on the node's own disk: a machine's disk gets many small writes, which a shared file system is slow at.
scratch=$(mktemp -d "${SLURM_TMPDIR:-/tmp}/drydock-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
export XDG_DATA_HOME=$scratch
.venv/bin/dask worker "$scheduler" --nworkers 1 --nthreads 1 --no-dashboard --local-directory "$scratch" \
    --tls-ca-file "$certificates/ca.pem" --tls-cert "$certificates/cert.pem" --tls-key "$certificates/key.pem"
